import { checkArguments } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import { type MuxStream, ResetCode, resetCodeOf, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import { IncomingState } from "./_incoming_state.ts";
import type { BoundMethod, IncomingTarget } from "./incoming_target.ts";
import { interceptIn, isRefusal } from "./intercept_in.ts";
import type { Interceptor } from "./interceptors.ts";
import { type CallMessage, ReplyStatus, readCall, replyPlaces } from "./messages.ts";
import { describeFailure, describeThrown, shortened, undescribed } from "./remote_error.ts";
import type { RpcSession } from "./rpc_session.ts";
import type { Deadline } from "./timer_wheel.ts";

type Step = "arriving" | "waiting" | "running" | "over";

/**
 * One call of the peer: from its message to its reply. Its stream lives until the implementation has ended, also
 * when the caller has given up, so that what runs is counted. PROTOCOL.md §8.2.
 */
export class IncomingCall implements StreamHandler {
  readonly stream: MuxStream;
  readonly session: RpcSession;
  #step: Step = "arriving";
  #payload: Uint8Array | undefined;
  #message: CallMessage | undefined;
  #target: IncomingTarget | undefined;
  #state: IncomingState | undefined;
  #deadline: Deadline | undefined;
  #heldAtMs: number | undefined;

  constructor(session: RpcSession, stream: MuxStream) {
    this.session = session;
    this.stream = stream;
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
    const { method, options } = this.#message;
    this.#state = new IncomingState(this.session, this.#target.contract, method, options?.metadata);
    if (options?.timeout !== undefined) this.#setDeadline(this.#state, options.timeout);
    this.#target.admit(this);
  }

  /** Checks the arguments and calls the method. @returns A promise while the check goes on. */
  begin(target: IncomingTarget): Promise<void> | undefined {
    if (this.#step !== "waiting") return undefined;
    if (this.#state?.isAborted) return void this.#giveUp();
    const message = this.#message!;
    if (target.failure !== undefined) return void this.#replyNotMade(target.failure.error);
    const method = target.method(message.method);
    if (method === undefined) return void this.#replyFailure(this.#noSuchMethod(target), "none");
    if (method.spec === undefined) return this.#invoke(method, message.args);
    try {
      const args = checkArguments(method.spec, message.args, method.place);
      if (!(args instanceof Promise)) return this.#invoke(method, args);
      return args.then(
        (checked) => this.#invoke(method, checked),
        (error) => this.#replyFailure(PluginError.from(error), "none"),
      );
    } catch (error) {
      return void this.#replyFailure(PluginError.from(error), "none");
    }
  }

  /** @returns A promise while interceptors have not called it yet. */
  #invoke(method: BoundMethod, args: readonly unknown[]): Promise<void> | undefined {
    if (this.#step !== "waiting") return undefined;
    const state = this.#state!;
    // The deadline may have passed while it stood in line, or while its arguments were checked.
    if (state.isAborted) return void this.#giveUp();
    this.#step = "running";
    const { interceptors } = this.session;
    if (interceptors !== undefined) return this.#intercepted(interceptors, state, method, args);
    const givesNothing = method.spec !== undefined && method.spec.returns === undefined;
    let result: unknown;
    try {
      result = this.session.environment.context.run(state, method.invoke, args);
      // What only looks like a promise may call back twice, or throw.
      if (!(result instanceof Promise) && isThenable(result)) result = Promise.resolve(result);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#replyValue(givesNothing ? undefined : value),
          (error) => this.#replyThrown(error),
        );
        return undefined;
      }
    } catch (error) {
      return void this.#replyThrown(error);
    }
    return void this.#replyValue(givesNothing ? undefined : result);
  }

  /** @returns A promise while they have not called the implementation yet. */
  #intercepted(
    interceptors: readonly Interceptor[],
    state: IncomingState,
    method: BoundMethod,
    args: readonly unknown[],
  ): Promise<void> | undefined {
    const givesNothing = method.spec !== undefined && method.spec.returns === undefined;
    const { started, result, ran } = interceptIn(this.session, interceptors, state, method.spec, args, method.invoke);
    result.then(
      (value) => this.#replyValue(givesNothing ? undefined : value),
      (error) => (isRefusal(error) && !ran() ? this.#replyFailure(error, "none") : this.#replyThrown(error)),
    );
    return started;
  }

  #replyValue(value: unknown): void {
    this.#implementationEnded();
    if (this.#step === "over") return;
    if (this.#state?.isAborted) return this.#giveUp();
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
    this.#implementationEnded();
    if (this.#step === "over") return;
    if (this.#state?.isAborted) return this.#giveUp();
    this.#replyError(ReplyStatus.threw, describeThrown(error, this.session.codec));
  }

  #replyFailure(error: PluginError, execution: "none" | "done"): void {
    this.#implementationEnded();
    if (this.#step === "over") return;
    const facts =
      this.#target === undefined
        ? { execution }
        : { execution, contract: this.#target.contract, method: this.#message?.method };
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
    if (message.length > this.session.peerHello.limits.message) message = codec.encode([null, status, shortened(body)]);
    this.#reply(message);
  }

  #reply(message: Uint8Array): void {
    this.#finish();
    this.stream.send(message, true);
  }

  /** Nobody waits for the reply any more. */
  #giveUp(): void {
    this.#implementationEnded();
    this.#finish();
    this.stream.abort(resetCodeOf(this.#state?.abortReason));
  }

  #refuse(): void {
    this.#step = "over";
    this.stream.reset(ResetCode.refused);
  }

  #setDeadline(state: IncomingState, timeoutMs: number): void {
    const { deadlines, scheduler } = this.session.environment;
    const now = scheduler.now();
    const atMs = (this.#heldAtMs ?? now) + timeoutMs;
    state.deadlineAtMs = atMs;
    const expire = (): void => {
      const text = `the caller's deadline for ${state.contract}.${state.method} has passed`;
      this.#abort(new PluginError(ErrorCode.timeout, text));
    };
    const leftMs = atMs - now;
    if (leftMs <= 0 && this.#heldAtMs !== undefined) expire();
    else this.#deadline = deadlines.set(leftMs, expire);
  }

  #abort(reason: unknown): void {
    if (this.#step !== "over") this.#state?.abort(reason);
  }

  /** The implementation has ended: what it left going is no part of the call. */
  #implementationEnded(): void {
    if (this.#state !== undefined) this.#state.isRunning = false;
  }

  #finish(): void {
    this.#step = "over";
    this.#payload = undefined;
    if (this.#deadline !== undefined) this.session.environment.deadlines.clear(this.#deadline);
    this.#deadline = undefined;
  }

  /** The factory failed: the method never ran. */
  #replyNotMade(error: unknown): void {
    if (!(error instanceof PluginError)) return this.#replyThrown(error);
    const text = `the implementation of ${this.#target?.contract} could not be made: ${error.message}`;
    this.#replyFailure(new PluginError(error.code, text), "none");
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
