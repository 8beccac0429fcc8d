import type { Abortable, CallState } from "./call_context.ts";
import type { CallOptions } from "./call_options.ts";
import type { RpcSession } from "./rpc_session.ts";
import type { Deadline } from "./timer_wheel.ts";

/** A call whose end is watched for. */
export interface BoundedCall extends Abortable {
  expire(): void;
}

/** What may end a call before its answer: a signal, a deadline, and the call that it was made in. */
export class CallBounds {
  /** Time it has, in ms, as of its beginning; `undefined` without a deadline. */
  readonly timeoutMs: number | undefined;
  readonly #session: RpcSession;
  readonly #call: BoundedCall;
  readonly signal: AbortSignal | undefined;
  #parent: CallState | undefined;
  #onAbort: (() => void) | undefined;
  #deadline: Deadline | undefined;
  #endsAtMs = 0;

  constructor(session: RpcSession, call: BoundedCall, options: CallOptions | undefined, parent: CallState | undefined) {
    this.#session = session;
    this.#call = call;
    this.signal = options?.signal;
    this.#parent = parent;
    const leftMs = Math.min(
      options?.timeoutMs ?? Number.POSITIVE_INFINITY,
      parent?.timeLeftMs() ?? Number.POSITIVE_INFINITY,
    );
    this.timeoutMs = leftMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, leftMs);
  }

  /** Time it has by now, in ms; `undefined` without a deadline. Below 0 once that has passed. */
  timeLeftMs(): number | undefined {
    return this.timeoutMs === undefined ? undefined : this.#endsAtMs - this.#session.environment.scheduler.now();
  }

  /** Begins to watch. @returns What ended it before it began. */
  begin(): { readonly reason: unknown } | undefined {
    const signal = this.signal;
    if (signal?.aborted) return { reason: signal.reason };
    const parent = this.#parent;
    if (parent?.abortReason !== undefined) return { reason: parent.abortReason };
    parent?.adopt(this.#call);
    if (signal !== undefined) {
      this.#onAbort = () => this.#call.abort(signal.reason);
      signal.addEventListener("abort", this.#onAbort);
    }
    if (this.timeoutMs === undefined) return undefined;
    const { deadlines, scheduler } = this.#session.environment;
    this.#endsAtMs = scheduler.now() + this.timeoutMs;
    this.#deadline = deadlines.set(this.timeoutMs, () => this.#call.expire());
    return undefined;
  }

  /** The call is over. */
  end(): void {
    if (this.#onAbort !== undefined) this.signal?.removeEventListener("abort", this.#onAbort);
    if (this.#deadline !== undefined) this.#session.environment.deadlines.clear(this.#deadline);
    this.#parent?.disown(this.#call);
    this.#parent = undefined;
  }
}
