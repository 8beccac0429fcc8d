import { ErrorCode, PluginError } from "../errors/mod.ts";
import { CloseCode } from "../mux/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { Runtime, Timer } from "../runtime/runtime.ts";

/** How many guests a plugin has at once. PROTOCOL.md §2.7. */
const maxGuests = 16;
/** Time for the running calls of a host whose place another one has taken, in ms. */
export const handOverMs = 10_000;

/** Who may call a plugin, and who says when it ends. */
export interface Hosts {
  /** Settles once the plugin has a host. */
  readonly joined: Promise<void>;
  /** Settles when the plugin is to end. */
  readonly over: Promise<void>;
  /** True while there is a host that may end the plugin, and it may have another one. */
  readonly hasOwner: boolean;
  /** True when there is no host, or none any more, that sees to what the plugin leaves. */
  readonly areGone: boolean;
  /** Takes a session that has proved itself. */
  take(session: RpcSession): void;
  /** Ends all sessions. */
  close(): void;
}

/** The one host of a plugin that ends with it: who comes first. PROTOCOL.md §2.7. */
export class OneHost implements Hosts {
  readonly #joined: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();
  #session: RpcSession | undefined;

  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  readonly hasOwner = false;
  readonly areGone = false;

  take(session: RpcSession): void {
    if (this.#session !== undefined) return session.destroy();
    this.#session = session;
    void session.closed.then(() => this.#over.resolve());
    this.#joined.resolve();
  }

  close(): void {
    this.#session?.close();
  }
}

/**
 * The hosts of a plugin that outlives them: at most one owner, whose place the next one takes, and some guests. Without an
 * owner the plugin goes on for a time. PROTOCOL.md §2.7.
 */
export class ChangingHosts implements Hosts {
  readonly #lingerMs: number;
  readonly #runtime: Runtime;
  readonly #joined: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();
  /** All that are open, those whose place was taken among them. */
  readonly #sessions: Set<RpcSession> = new Set();
  readonly #guests: Set<RpcSession> = new Set();
  #owner: RpcSession | undefined;
  /** Its owner has ended it, and sees to what is left. */
  #isStopped = false;
  #linger: Timer | undefined;

  /** @param lingerMs How long the plugin goes on without an owner, in ms. */
  constructor(lingerMs: number, runtime: Runtime) {
    this.#lingerMs = lingerMs;
    this.#runtime = runtime;
  }

  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  get hasOwner(): boolean {
    return this.#owner !== undefined;
  }

  get areGone(): boolean {
    const owner = this.#owner;
    // One that has said that it goes is gone, though its connection may not be over yet.
    if (owner !== undefined) return owner.isOver && owner.peerCode !== CloseCode.normal;
    return !this.#isStopped;
  }

  take(session: RpcSession): void {
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
    if (session.peerHello.owner) this.#takeOwner(session);
    else this.#takeGuest(session);
  }

  close(): void {
    this.#linger?.cancel();
    for (const session of this.#sessions) session.close();
  }

  #takeOwner(session: RpcSession): void {
    const before = this.#owner;
    this.#owner = session;
    this.#linger?.cancel();
    this.#joined.resolve();
    void session.closed.then(() => this.#onOwnerGone(session));
    if (before !== undefined) void this.#supersede(before);
  }

  #takeGuest(session: RpcSession): void {
    if (this.#guests.size >= maxGuests) {
      const text = `the plugin has ${maxGuests} guests already, no more are taken`;
      return session.guard(() => {
        throw new PluginError(ErrorCode.limit, text);
      });
    }
    this.#guests.add(session);
    void session.closed.then(() => this.#guests.delete(session));
  }

  /** What runs for a host whose place was taken may end, for a time. */
  async #supersede(session: RpcSession): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#runtime.setTimer(late.resolve, handOverMs);
    await Promise.race([session.drain(CloseCode.superseded), late.promise]);
    timer.cancel();
    session.close(undefined, CloseCode.superseded);
  }

  #onOwnerGone(session: RpcSession): void {
    if (this.#owner !== session) return;
    this.#owner = undefined;
    // Only who says so ends the plugin: one that broke off may have been killed, for its next version to take over.
    this.#isStopped = session.peerCode === CloseCode.normal;
    if (this.#isStopped) return this.#over.resolve();
    this.#linger = this.#runtime.setTimer(() => this.#over.resolve(), this.#lingerMs, { keepAlive: true });
  }
}
