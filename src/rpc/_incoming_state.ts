import { IncomingContext } from "./_incoming_context.ts";
import type { Abortable, CallContext, CallState } from "./call_context.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * What the code of an implementation belongs to. Apart from the call itself, and small: asynchronous contexts are kept
 * by the runtime beyond the call's end (Deno until a full collection), and would keep its stream and message with them.
 */
export class IncomingState implements CallState {
  readonly session: RpcSession;
  readonly contract: string;
  readonly method: string;
  /** What the caller gave; `undefined` when it gave none. */
  metadata: Record<string, unknown> | undefined;
  isRunning = true;
  isAborted = false;
  abortReason: unknown = undefined;
  deadlineAtMs: number | undefined = undefined;
  #context: IncomingContext | undefined;
  #children: Set<Abortable> | undefined;

  constructor(session: RpcSession, contract: string, method: string, metadata: Record<string, unknown> | undefined) {
    this.session = session;
    this.contract = contract;
    this.method = method;
    this.metadata = metadata;
  }

  get context(): CallContext {
    this.#context ??= new IncomingContext(this);
    return this.#context;
  }

  /** True when its code has asked for its signal. */
  get isHeeded(): boolean {
    return this.#context?.isHeeded === true;
  }

  timeLeftMs(): number | undefined {
    const at = this.deadlineAtMs;
    return at === undefined ? undefined : Math.max(0, at - this.session.environment.scheduler.now());
  }

  adopt(child: Abortable): void {
    this.#children ??= new Set();
    this.#children.add(child);
  }

  disown(child: Abortable): void {
    this.#children?.delete(child);
  }

  /** The call was given up: so are those made in it. */
  abort(reason: unknown): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.abortReason = reason;
    this.#context?.abort(reason);
    const children = [...(this.#children ?? [])];
    if (children.length === 0) return;
    // Who merely leaves a stream gives no reason; what waits for a call then gets that of the signal.
    const given = reason === undefined ? this.context.signal.reason : reason;
    for (const child of children) child.abort(given);
  }
}
