import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Scheduler } from "../mux/mod.ts";
import type { Link } from "../transport/mod.ts";
import { watchedLink } from "../transport/watched_link.ts";

/** How a connection over a network is watched. */
export interface KeepAliveOptions {
  /** Time without a word from the other side after which it is asked for one, in ms. Default 15,000. */
  readonly intervalMs?: number;
  /** Time that it then has, in ms, before the connection counts as broken. Default 15,000. */
  readonly timeoutMs?: number;
}

/** The default of `intervalMs` and of `timeoutMs`. */
export const defaultKeepAliveMs = 15_000;

/** What is asked for a word, and ended when there is none. */
export interface KeptAlive {
  ping(): Promise<number>;
  destroy(error?: PluginError): void;
  readonly closed: Promise<unknown>;
}

/**
 * Notices a connection whose other side is gone without a word: a machine without power, a network that swallows. Local
 * ones need none of it, as the system says when a process has ended.
 *
 * Whatever comes counts as a word. A process that was itself stopped for a while works off what came meanwhile before it judges.
 */
export class KeepAlive {
  readonly #scheduler: Pick<Scheduler, "now" | "setTimer">;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #heardMs: number;
  #timer: { cancel(): void } | undefined;

  constructor(scheduler: Pick<Scheduler, "now" | "setTimer">, options: KeepAliveOptions) {
    const { intervalMs = defaultKeepAliveMs, timeoutMs = defaultKeepAliveMs } = options;
    this.#scheduler = scheduler;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
    this.#heardMs = scheduler.now();
  }

  /** The same link, to whose bytes this listens. */
  over(link: Link): Link {
    return watchedLink(link, {
      received: () => {
        this.#heardMs = this.#scheduler.now();
      },
    });
  }

  /** Watches a session over that link until it is closed. @param peerName The other side, for the error. */
  watch(session: KeptAlive, peerName: string): void {
    void session.closed.then(() => {
      this.#timer?.cancel();
      this.#timer = undefined;
    });
    this.#wait(session, peerName, this.#intervalMs);
  }

  #wait(session: KeptAlive, peerName: string, delayMs: number): void {
    this.#after(delayMs, () => {
      const restMs = this.#heardMs + this.#intervalMs - this.#scheduler.now();
      if (restMs > 0) return this.#wait(session, peerName, restMs);
      // How it ends is told by the session.
      session.ping().catch(() => {});
      this.#judge(session, peerName, this.#scheduler.now());
    });
  }

  #judge(session: KeptAlive, peerName: string, askedMs: number): void {
    const dueMs = this.#scheduler.now() + this.#timeoutMs;
    this.#after(this.#timeoutMs, () => {
      if (this.#heardMs >= askedMs) return this.#wait(session, peerName, this.#intervalMs);
      const lateMs = this.#scheduler.now() - dueMs;
      if (lateMs > this.#timeoutMs / 2) return this.#judge(session, peerName, askedMs);
      const text = `${peerName} did not answer a ping within ${this.#timeoutMs} ms (keepAlive.timeoutMs): the connection counts as broken`;
      session.destroy(new PluginError(ErrorCode.transport, text));
    });
  }

  #after(delayMs: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#scheduler.setTimer(then, delayMs);
  }
}
