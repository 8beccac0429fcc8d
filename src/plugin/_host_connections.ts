import type { RpcSession } from "../rpc/mod.ts";
import type { Link } from "../transport/mod.ts";

/**
 * The connections to a plugin's address: which of them prove themselves, and at most so many that have not. Those that have
 * belong to who is told of them.
 */
export class HostConnections {
  readonly #open: (link: Link) => RpcSession;
  readonly #proved: (session: RpcSession) => void;
  readonly #maxUnproved: number;
  readonly #unproved: Set<RpcSession> = new Set();
  #isClosed = false;

  /**
   * @param open Makes the session of a connection.
   * @param proved Takes one that has proved itself.
   * @param maxUnproved How many may be unproved at once.
   */
  constructor(open: (link: Link) => RpcSession, proved: (session: RpcSession) => void, maxUnproved: number) {
    this.#open = open;
    this.#proved = proved;
    this.#maxUnproved = maxUnproved;
  }

  /**
   * Takes a connection.
   *
   * @returns Settles when it is over, whether it proved itself or not.
   */
  async accept(link: Link): Promise<void> {
    if (this.#isClosed || this.#unproved.size >= this.#maxUnproved) return link.destroy();
    const session = this.#open(link);
    this.#unproved.add(session);
    void session.closed.then(() => this.#unproved.delete(session));
    session.start();
    session.opened.then(
      () => this.#onProved(session),
      () => this.#unproved.delete(session),
    );
    await session.closed;
  }

  /** Takes no more, and ends those that have not proved themselves. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#unproved) session.destroy();
    this.#unproved.clear();
  }

  #onProved(session: RpcSession): void {
    if (this.#isClosed) return session.destroy();
    this.#unproved.delete(session);
    this.#proved(session);
  }
}
