import { checkArguments } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import { type MuxStream, ResetCode, resetCodeOf, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import { IncomingContext } from "./_incoming_context.ts";
import type { Abortable, CallContext, CallState } from "./call_context.ts";
import type { BoundMethod, IncomingTarget } from "./incoming_target.ts";
import { type CallMessage, ReplyStatus, readCall, replyPlaces } from "./messages.ts";
import { describeFailure, describeThrown, undescribed } from "./remote_error.ts";
import type { RpcSession } from "./rpc_session.ts";
import type { Deadline } from "./timer_wheel.ts";

type Step = "arriving" | "waiting" | "running" | "over";

/**
 * One call of the peer: from its message to its reply. Its stream lives until the implementation has ended, also
 * when the caller has given up, so that what runs is counted. PROTOCOL.md §8.2.
 */
export class IncomingCall implements StreamHandler, CallState {
  readonly stream: MuxStream;
  readonly session: RpcSession;
  #step: Step = "arriving";
  #payload: Uint8Array | undefined;
  #message: CallMessage | undefined;
  #target: IncomingTarget | undefined;
  #context: IncomingContext | undefined;
  #deadline: Deadline | undefined;
  #deadlineAtMs: number | undefined;
  #heldAtMs: number | undefined;
  #isAborted = false;
  #isRunning = true;
  #abortReason: unknown;
  #children: Set<Abortable> | undefined;

  constructor(session: RpcSession, stream: MuxStream) {
    this.session = session;
    this.stream = stream;
  }

  // CallState

  get context(): CallContext {
    this.#context ??= new IncomingContext(this);
    return this.#context;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  get abortReason(): unknown {
    return this.#abortReason;
  }

  get contract(): string {
    return this.#target?.contract ?? "";
  }

  get method(): string {
    return this.#message?.method ?? "";
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#message?.options?.metadata ?? {};
  }

  timeLeftMs(): number | undefined {
    const at = this.#deadlineAtMs;
    return at === undefined ? undefined : Math.max(0, at - this.session.environment.scheduler.now());
  }

  adopt(child: Abortable): void {
    this.#children ??= new Set();
    this.#children.add(child);
  }

  disown(child: Abortable): void {
    this.#children?.delete(child);
  }

  // StreamHandler

  message(payload: Uint8Array): void {
    if (this.#step !== "arriving") return;
    this.#step = "waiting";
    this.#payload = payload;
    this.session.dispatch(this);
  }

  bytes(chunk: Uint8Array): void {
    // No contract can take a bare byte stream.
    this.stream.consumed(chunk.length);
    if (this.#step === "arriving") this.#refuse();
  }

  ended(): void {
    if (this.#step === "arriving") this.#refuse();
  }

  aborted(reset: StreamReset): void {
    if (this.#step !== "arriving") return;
    this.#step = "over";
    this.stream.abort(reset.code);
  }

  tooLarge(): void {
    this.#step = "over";
  }

  stopped(reset: StreamReset): boolean {
    if (this.#step !== "running") {
      if (this.#step === "waiting") this.session.withdraw(this, this.#target);
      this.#finish();
      return false;
    }
    this.#abort(this.session.decodeReason(reset));
    return true;
  }

  drained(): void {}

  lost(error: PluginError): void {
    if (this.#step === "running") this.#abort(error);
    this.#finish();
  }

  // What session and target call.

  /** It waits until there is room, and its time runs on. */
  isHeld(): void {
    this.#heldAtMs = this.session.environment.scheduler.now();
  }

  /** Goes on with it: there is room. */
  run(): void {
    const payload = this.#payload;
    this.#payload = undefined;
    if (this.#step !== "waiting" || payload === undefined) return;
    try {
      this.#message = readCall(this.session.codec.decode(payload));
      this.#target = this.session.incomingTarget(this.#message.target);
    } catch (error) {
      return this.#replyFailure(PluginError.from(error), "none");
    }
    const { options } = this.#message;
    if (options?.timeout !== undefined) this.#setDeadline(options.timeout);
    this.#target.admit(this);
  }

  /** Checks the arguments and calls the method. @returns A promise while the check goes on. */
  begin(target: IncomingTarget): Promise<void> | undefined {
    if (this.#step !== "waiting") return undefined;
    if (this.#isAborted) return void this.#giveUp();
    const message = this.#message!;
    if (target.failure !== undefined) return void this.#replyThrown(target.failure.error);
    const method = target.method(message.method);
    if (method === undefined) return void this.#replyFailure(this.#noSuchMethod(target), "none");
    if (method.spec === undefined) return void this.#invoke(method, message.args);
    try {
      const where = { contract: target.contract, method: message.method };
      const args = checkArguments(method.spec, message.args, where);
      if (!(args instanceof Promise)) return void this.#invoke(method, args);
      return args.then(
        (checked) => this.#invoke(method, checked),
        (error) => this.#replyFailure(PluginError.from(error), "none"),
      );
    } catch (error) {
      return void this.#replyFailure(PluginError.from(error), "none");
    }
  }

  #invoke(method: BoundMethod, args: readonly unknown[]): void {
    if (this.#step !== "waiting") return;
    // The deadline may have passed while it stood in line, or while its arguments were checked.
    if (this.#isAborted) return this.#giveUp();
    this.#step = "running";
    const givesNothing = method.spec !== undefined && method.spec.returns === undefined;
    const returned = (value: unknown): void => this.#replyValue(givesNothing ? undefined : value);
    const threw = (error: unknown): void => this.#replyThrown(error);
    try {
      const result = this.session.environment.context.run(this, method.invoke, args);
      if (result instanceof Promise) result.then(returned, threw);
      // What only looks like a promise may call back twice, or throw.
      else if (isThenable(result)) Promise.resolve(result).then(returned, threw);
      else returned(result);
    } catch (error) {
      threw(error);
    }
  }

  #replyValue(value: unknown): void {
    this.#isRunning = false;
    if (this.#step === "over") return;
    if (this.#isAborted) return this.#giveUp();
    let reply: Uint8Array;
    try {
      reply = this.session.codec.encode([null, ReplyStatus.returned, value], replyPlaces);
    } catch (error) {
      return this.#replyFailure(PluginError.from(error), "done");
    }
    const max = this.session.peerHello.limits.message;
    if (reply.length <= max) return this.#reply(reply);
    const text = `the result has ${reply.length} bytes, the caller takes at most ${max} (limits.maxMessageBytes)`;
    this.#replyFailure(new PluginError(ErrorCode.tooLarge, text), "done");
  }

  #replyThrown(error: unknown): void {
    this.#isRunning = false;
    if (this.#step === "over") return;
    if (this.#isAborted) return this.#giveUp();
    this.#replyError(ReplyStatus.threw, describeThrown(error, this.session.codec));
  }

  #replyFailure(error: PluginError, execution: "none" | "done"): void {
    this.#isRunning = false;
    if (this.#step === "over") return;
    const facts =
      this.#target === undefined ? { execution } : { execution, contract: this.contract, method: this.method };
    this.#replyError(ReplyStatus.failed, describeFailure(error.with(facts)));
  }

  #replyError(status: number, body: unknown): void {
    const { codec } = this.session;
    let message: Uint8Array;
    try {
      message = codec.encode([null, status, body]);
    } catch {
      // Only limits of a few bytes or levels refuse it; the caller must get an answer all the same.
      message = codec.encode([null, status, undescribed]);
    }
    this.#reply(message);
  }

  #reply(message: Uint8Array): void {
    this.#finish();
    this.stream.send(message, true);
  }

  /** Nobody waits for the reply any more. */
  #giveUp(): void {
    this.#isRunning = false;
    this.#finish();
    this.stream.abort(resetCodeOf(this.#abortReason));
  }

  #refuse(): void {
    this.#step = "over";
    this.stream.reset(ResetCode.refused);
  }

  #setDeadline(timeoutMs: number): void {
    const { deadlines, scheduler } = this.session.environment;
    const now = scheduler.now();
    this.#deadlineAtMs = (this.#heldAtMs ?? now) + timeoutMs;
    const expire = (): void => {
      const text = `the caller's deadline for ${this.contract}.${this.method} has passed`;
      this.#abort(new PluginError(ErrorCode.timeout, text));
    };
    const leftMs = this.#deadlineAtMs - now;
    if (leftMs <= 0 && this.#heldAtMs !== undefined) expire();
    else this.#deadline = deadlines.set(leftMs, expire);
  }

  #abort(reason: unknown): void {
    if (this.#isAborted || this.#step === "over") return;
    this.#isAborted = true;
    this.#abortReason = reason;
    this.#context?.abort(reason);
    for (const child of [...(this.#children ?? [])]) child.abort(reason);
  }

  #finish(): void {
    this.#step = "over";
    this.#payload = undefined;
    if (this.#deadline !== undefined) this.session.environment.deadlines.clear(this.#deadline);
    this.#deadline = undefined;
  }

  #noSuchMethod(target: IncomingTarget): PluginError {
    const name = this.#message!.method;
    const text = `contract ${target.contract} has no method ${JSON.stringify(name)}${hint(name, target.methodNames)}`;
    return new PluginError(ErrorCode.noSuchMethod, text);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
