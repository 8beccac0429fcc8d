import type { RpcSession } from "../rpc/mod.ts";
import type { Link } from "../transport/mod.ts";

/**
 * The connections to a plugin's address until one of them has proved itself. That one is the host; the others are
 * closed, and no more are taken.
 */
export class HostConnections {
  readonly #open: (link: Link) => RpcSession;
  readonly #maxUnproved: number;
  readonly #unproved: Set<RpcSession> = new Set();
  readonly #host: PromiseWithResolvers<RpcSession> = Promise.withResolvers();
  #isDecided = false;

  /**
   * @param open Makes the session of a connection.
   * @param maxUnproved How many may be unproved at once.
   */
  constructor(open: (link: Link) => RpcSession, maxUnproved: number) {
    this.#open = open;
    this.#maxUnproved = maxUnproved;
  }

  /** The session with the host. */
  get host(): Promise<RpcSession> {
    return this.#host.promise;
  }

  /**
   * Takes a connection.
   *
   * @returns Settles when it is over, whether it proved itself or not.
   */
  async accept(link: Link): Promise<void> {
    if (this.#isDecided || this.#unproved.size >= this.#maxUnproved) return link.destroy();
    const session = this.#open(link);
    this.#unproved.add(session);
    void session.closed.then(() => this.#unproved.delete(session));
    session.start();
    session.opened.then(
      () => this.#decide(session),
      () => this.#unproved.delete(session),
    );
    await session.closed;
  }

  /** Ends those that have not proved themselves. */
  close(): void {
    this.#isDecided = true;
    for (const session of this.#unproved) session.destroy();
    this.#unproved.clear();
  }

  #decide(session: RpcSession): void {
    if (this.#isDecided) return session.destroy();
    this.#unproved.delete(session);
    this.close();
    this.#host.resolve(session);
  }
}
