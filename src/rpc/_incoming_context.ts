import type { Peer } from "../contract/mod.ts";
import type { Logger } from "../log/record.ts";
import { callLog } from "./_call_log.ts";
import type { IncomingState } from "./_incoming_state.ts";
import type { CallContext } from "./call_context.ts";

/** What `callContext()` gives: made on first use, as most implementations never ask. */
export class IncomingContext implements CallContext {
  readonly #state: IncomingState;
  #controller: AbortController | undefined;

  constructor(state: IncomingState) {
    this.#state = state;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#state.isAborted) this.#controller.abort(this.#state.abortReason);
    }
    return this.#controller.signal;
  }

  /** True when somebody has asked for the signal. */
  get isHeeded(): boolean {
    return this.#controller !== undefined;
  }

  get deadline(): number | undefined {
    const leftMs = this.#state.timeLeftMs();
    return leftMs === undefined ? undefined : Date.now() + leftMs;
  }

  get contract(): string {
    return this.#state.contract;
  }

  get method(): string {
    return this.#state.method;
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#state.metadata ?? {};
  }

  get peer(): Peer {
    return this.#state.session.peer;
  }

  get log(): Logger {
    return callLog(this.#state.session.environment.log, `${this.contract}.${this.method}`);
  }

  /** The call was given up. */
  abort(reason: unknown): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    // Listeners are written inside the method: what they call belongs to the call as what follows an await there does.
    this.#state.session.environment.context.run(this.#state, () => controller.abort(reason));
  }
}
