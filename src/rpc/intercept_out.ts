import type { Method } from "../contract/mod.ts";
import { PluginError, type PluginErrorFacts } from "../errors/mod.ts";
import { type BoundedCall, CallBounds } from "./_call_bounds.ts";
import { type FailedCall, lateError } from "./_call_failures.ts";
import { CallLine, type LinedCall } from "./_call_line.ts";
import { type Abortable, type CallContext, type CallState, outsideOfCall } from "./call_context.ts";
import type { CallOptions } from "./call_options.ts";
import { rejectAgain } from "./call_site.ts";
import { type InterceptedCall, type Interceptor, runChain } from "./interceptors.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What is called. */
export interface OutgoingPlace {
  /** Calls of the same one keep their order. */
  readonly target: OutgoingTarget;
  readonly contract: string;
  readonly method: string;
  readonly spec: Method | undefined;
}

/** Makes a call without interceptors: a new one each time. */
export type SendCall = (
  args: readonly unknown[],
  options: CallOptions | undefined,
  parent: CallState | undefined,
) => Promise<unknown>;

const lines = new WeakMap<object, CallLine>();

function lineOf(target: object): CallLine {
  let line = lines.get(target);
  if (line === undefined) {
    line = new CallLine();
    lines.set(target, line);
  }
  return line;
}

/**
 * Makes a call through interceptors. Signal, deadline and the calling call are heeded here, around all of them; each
 * `next()` makes a call of its own that is a child of this one.
 */
export function interceptOut(
  session: RpcSession,
  interceptors: readonly Interceptor[],
  place: OutgoingPlace,
  args: readonly unknown[],
  options: CallOptions | undefined,
  parent: CallState | undefined,
  send: SendCall,
): Promise<unknown> {
  const caller = parent?.isRunning === true ? parent : undefined;
  return new InterceptedOut(session, place, args, options, caller, send).start(interceptors);
}

class InterceptedOut implements InterceptedCall, CallState, BoundedCall, LinedCall, FailedCall {
  readonly direction = "out";
  readonly contract: string;
  readonly method: string;
  readonly peer: string;
  readonly plugin: string | undefined;
  readonly idempotent: boolean;
  readonly metadata: Record<string, unknown>;
  args: readonly unknown[];
  isRunning = true;
  abortReason: unknown = undefined;
  readonly #session: RpcSession;
  readonly #parent: CallState | undefined;
  readonly #bounds: CallBounds;
  readonly #target: OutgoingTarget;
  readonly #line: CallLine;
  readonly #children: Set<Abortable> = new Set();
  #send: SendCall | undefined;
  #deadlineAtMs: number | undefined;
  #controller: AbortController | undefined;
  #outcome: PromiseWithResolvers<unknown> = Promise.withResolvers();
  #wasSent = false;
  /** Set while `next()` was called and it is not this call's turn yet. */
  #turn: (() => void) | undefined;

  constructor(
    session: RpcSession,
    place: OutgoingPlace,
    args: readonly unknown[],
    options: CallOptions | undefined,
    parent: CallState | undefined,
    send: SendCall,
  ) {
    this.#session = session;
    this.#parent = parent;
    this.#bounds = new CallBounds(session, this, options, parent);
    this.#send = send;
    this.#target = place.target;
    this.#line = lineOf(place.target);
    this.contract = place.contract;
    this.method = place.method;
    this.idempotent = place.spec?.idempotent === true;
    this.peer = session.peerName;
    this.plugin = session.plugin;
    this.metadata = { ...options?.metadata };
    this.args = args;
  }

  start(interceptors: readonly Interceptor[]): Promise<unknown> {
    const { promise } = this.#outcome;
    this.#target.intercepted();
    this.#watch();
    if (!this.isRunning) return promise;
    if (!this.#isMadeByOneInLine()) this.#line.enter(this);
    const run = (): Promise<unknown> => runChain(interceptors, this, () => this.#next());
    this.#session.environment.context.run(this, run).then(
      (value) => this.#ended(() => this.#outcome.resolve(value)),
      (error) => this.#ended(() => rejectAgain(this.#outcome.resolve, this.#outcome.reject, error)),
    );
    return promise;
  }

  // InterceptedCall

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.abortReason !== undefined) this.#controller.abort(this.abortReason);
    }
    return this.#controller.signal;
  }

  get deadline(): number | undefined {
    const leftMs = this.timeLeftMs();
    return leftMs === undefined ? undefined : Date.now() + leftMs;
  }

  // CallState

  get context(): CallContext {
    if (this.#parent === undefined) throw outsideOfCall();
    return this.#parent.context;
  }

  timeLeftMs(): number | undefined {
    const at = this.#deadlineAtMs;
    return at === undefined ? undefined : Math.max(0, at - this.#session.environment.scheduler.now());
  }

  adopt(child: Abortable): void {
    this.#children.add(child);
  }

  disown(child: Abortable): void {
    this.#children.delete(child);
  }

  abort(reason: unknown): void {
    if (!this.isRunning) return;
    this.abortReason = reason;
    this.#letGo();
    this.#outcome.reject(reason);
    this.#controller?.abort(reason);
    for (const child of [...this.#children]) child.abort(reason);
    this.#turn?.();
  }

  // BoundedCall

  expire(): void {
    this.abort(lateError(this, this.#bounds.timeoutMs ?? 0, this.#wasSent ? "unknown" : "none"));
  }

  // FailedCall

  get name(): string {
    return this.method === "" ? this.contract : `${this.contract}.${this.method}`;
  }

  get facts(): PluginErrorFacts {
    return { contract: this.contract, method: this.method, plugin: this.plugin };
  }

  // LinedCall

  goOn(): boolean {
    this.#turn?.();
    return this.#wasSent || !this.isRunning;
  }

  #watch(): void {
    const ended = this.#bounds.begin();
    if (ended !== undefined) return this.abort(ended.reason);
    const { timeoutMs } = this.#bounds;
    if (timeoutMs === undefined) return;
    this.#deadlineAtMs = this.#session.environment.scheduler.now() + timeoutMs;
    if (timeoutMs === 0) this.expire();
  }

  /** The interceptors have ended. */
  #ended(settle: () => void): void {
    if (this.isRunning) {
      this.#letGo();
      settle();
    }
    // The runtime may keep the context of a call for long after it (Deno until a full collection), and this with it.
    this.#send = undefined;
    this.args = [];
  }

  /** One `next()` of the innermost interceptor. */
  #next(): Promise<unknown> {
    if (!this.#line.has(this)) return this.#attempt();
    return new Promise<unknown>((resolve) => {
      this.#turn = () => {
        this.#turn = undefined;
        resolve(this.#attempt());
      };
      this.#line.goOn();
    });
  }

  async #attempt(): Promise<unknown> {
    if (this.abortReason !== undefined) throw this.abortReason;
    // Of a session that is being ended, what this call was made in goes on, and so does what was once sent.
    if (!this.#wasSent) this.#checkMayCall();
    this.#wasSent = true;
    const metadata = Object.keys(this.metadata).length === 0 ? undefined : this.metadata;
    return await this.#send?.(this.args, metadata === undefined ? undefined : { metadata }, this);
  }

  #checkMayCall(): void {
    try {
      this.#session.checkMayCall(this.#parent);
    } catch (error) {
      throw PluginError.from(error).with({ ...this.facts, execution: "none" });
    }
  }

  /** What an interceptor calls must not wait for the call that the interceptor is about. */
  #isMadeByOneInLine(): boolean {
    for (let by = this.#parent; by instanceof InterceptedOut; by = by.#parent) if (this.#line.has(by)) return true;
    return false;
  }

  #letGo(): void {
    this.isRunning = false;
    this.#bounds.end();
    this.#line.leave(this);
    this.#target.released();
  }
}
