import type { Peer } from "../contract/mod.ts";
import type { Logger } from "../log/record.ts";
import type { CallContext } from "./call_context.ts";
import type { IncomingCall } from "./incoming_call.ts";

/** What `callContext()` gives: made on first use, as most implementations never ask. */
export class IncomingContext implements CallContext {
  readonly #call: IncomingCall;
  #controller: AbortController | undefined;

  constructor(call: IncomingCall) {
    this.#call = call;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#call.isAborted) this.#controller.abort(this.#call.abortReason);
    }
    return this.#controller.signal;
  }

  get deadline(): number | undefined {
    const leftMs = this.#call.timeLeftMs();
    return leftMs === undefined ? undefined : Date.now() + leftMs;
  }

  get contract(): string {
    return this.#call.contract;
  }

  get method(): string {
    return this.#call.method;
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#call.metadata;
  }

  get peer(): Peer {
    return this.#call.session.peer;
  }

  get log(): Logger {
    return this.#call.session.logFor(`${this.contract}.${this.method}`);
  }

  /** The call was given up. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }
}
