import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { RpcEnvironment } from "./environment.ts";
import type { Deadline } from "./timer_wheel.ts";

/** So much later than it should have, in ms, a timer fires only in a process that was stopped or busy. */
const lateMs = 250;

/** Watches how long the other side takes to say hello and prove itself. */
export class HelloDeadline {
  readonly #environment: RpcEnvironment;
  readonly #timeoutMs: number;
  readonly #passed: () => void;
  #deadline: Deadline | undefined;

  /** @param passed Called once, when it took too long. */
  constructor(environment: RpcEnvironment, timeoutMs: number, passed: () => void) {
    this.#environment = environment;
    this.#timeoutMs = timeoutMs;
    this.#passed = passed;
  }

  /** Begins to wait. */
  begin(): void {
    const { deadlines, scheduler } = this.#environment;
    const beganMs = scheduler.now();
    // Somebody waits for the greeting, so that its time keeps the process alive as a call's does.
    this.#deadline = deadlines.set(this.#timeoutMs, () => {
      const isLate = scheduler.now() - beganMs > this.#timeoutMs + lateMs;
      // This side was stopped meanwhile: what the other one said may not have been read yet, or not been checked.
      if (isLate) this.begin();
      else this.#passed();
    });
  }

  /** It is over. Idempotent. */
  end(): void {
    if (this.#deadline !== undefined) this.#environment.deadlines.clear(this.#deadline);
  }
}

/** For a peer that took too long. */
export function lateHello(peerName: string, timeoutMs: number): PluginError {
  const text = `${peerName} did not say hello and prove itself within ${timeoutMs} ms (limits.helloTimeoutMs)`;
  return new PluginError(ErrorCode.timeout, text);
}
