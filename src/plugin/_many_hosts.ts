import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** How many hosts a plugin that none of them has started has at once. PROTOCOL.md §2.9. */
const maxHosts = 256;

/** The hosts of a plugin that none of them has started: they come and go, and none of them owns it. PROTOCOL.md §2.9. */
export class ManyHosts {
  readonly #sessions: Set<RpcSession> = new Set();

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes a session that has proved itself. */
  take(session: RpcSession): void {
    if (this.#sessions.size >= maxHosts) {
      const text = `the plugin has ${maxHosts} hosts already, no more are taken`;
      return session.guard(() => {
        throw new PluginError(ErrorCode.limit, text);
      });
    }
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
  }

  /** Lets what runs end, for a time, and ends all sessions, each as soon as nothing of it runs. @returns How many were late. */
  async drain(drainMs: number, runtime: Runtime): Promise<number> {
    const late = Promise.withResolvers<void>();
    const timer = runtime.setTimer(late.resolve, drainMs, { keepAlive: true });
    const all = [...this.#sessions].map((session) => session.drain().then(() => session.close()));
    await Promise.race([Promise.all(all), late.promise]);
    timer.cancel();
    const running = [...this.#sessions].filter((session) => session.streams.length > 0 && !session.isOver).length;
    for (const session of this.#sessions) session.close();
    return running;
  }

  /** Settles when all sessions are over; each of them has a bound of its own. */
  async gone(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.closed));
  }
}
