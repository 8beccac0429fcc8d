import { checkArguments } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type MuxStream, ResetCode, resetCodeOf, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import { decodeCallReason } from "../thrown/mod.ts";
import { afterStreams } from "./_after_streams.ts";
import { setDeadline } from "./_incoming_deadline.ts";
import { IncomingState } from "./_incoming_state.ts";
import type { ReceivedReferences } from "./_message_source.ts";
import { notMade, replyFailed, replyReturned, replyThrown } from "./_replies.ts";
import { shapeArguments } from "./_shapes.ts";
import { isThenable } from "./_thenable.ts";
import type { BoundMethod } from "./bound_method.ts";
import type { IncomingAnswer } from "./incoming_answer.ts";
import type { IncomingTarget } from "./incoming_target.ts";
import { interceptIn, isRefusal } from "./intercept_in.ts";
import type { Interceptor } from "./interceptors.ts";
import { type CallMessage, readCall } from "./messages.ts";
import type { SentReferences } from "./references.ts";
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
  /** What the call names, lent to it. */
  #received: ReceivedReferences | undefined;
  /** What the call gives can be called by this before it is there. */
  #answer: IncomingAnswer | undefined;
  /** What the reply names, until it has been sent. */
  #sent: SentReferences | undefined;

  constructor(session: RpcSession, stream: MuxStream) {
    this.session = session;
    this.stream = stream;
  }

  // StreamHandler

  message(payload: Uint8Array): void {
    if (this.#step !== "arriving") return;
    this.#step = "waiting";
    this.#payload = payload;
    this.session.dispatcher.dispatch(this);
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
    this.#sent?.giveUp();
    if (this.#step !== "running") {
      if (this.#step === "waiting") this.#withdraw();
      this.#finish();
      return false;
    }
    this.#state?.abort(decodeCallReason(reset, this.session));
    return true;
  }

  drained(): void {
    this.#sent?.sent();
  }

  lost(error: PluginError): void {
    if (this.#step === "running") this.#state?.abort(error);
    this.#finish();
  }

  /** What it is called in errors. */
  get contract(): string {
    return this.#target?.contract ?? "";
  }

  get label(): string {
    return this.#state?.method ?? "";
  }

  /** It waits until there is room, and its time runs on. */
  isHeld(): void {
    this.#heldAtMs = this.session.environment.scheduler.now();
  }

  /** Goes on with it: there is room. */
  run(): void {
    const payload = this.#payload;
    this.#payload = undefined;
    if (this.#step !== "waiting" || payload === undefined) return;
    const { session } = this;
    try {
      const decoded = session.references.decode(payload);
      this.#received = session.references.takeReceived();
      this.#message = readCall(decoded);
      const { target, method, options } = this.#message;
      if (options?.answer !== undefined) this.#answer = session.dispatcher.openAnswer(options.answer);
      if (target < 0) {
        const exported = session.references.exported(-1 - target).content;
        // What is asked for more than that is a call, which a stream does not take.
        if (exported?.open !== undefined && method === "" && this.#answer === undefined) {
          this.#finish();
          return exported.open(this.stream);
        }
        this.#target = exported?.target;
      } else this.#target = session.dispatcher.target(target);
      if (this.#target === undefined) throw new PluginError(ErrorCode.noSuchMethod, "a call of what cannot be called");
    } catch (error) {
      return this.#replyFailure(PluginError.from(error), "none");
    }
    const { options } = this.#message;
    const target = this.#target;
    const method = target.labelOf(this.#message.method);
    this.#state = new IncomingState(session, target.contract, method, options?.metadata);
    this.#received?.cameWith(target.contract, method);
    this.#answer?.cameWith(target.contract, method);
    if (options?.timeout !== undefined) this.#deadline = setDeadline(this.#state, options.timeout, this.#heldAtMs);
    target.admit(this);
  }

  /** What it is a call of has failed. @param isThrown The implementation threw it. */
  failLike(error: unknown, isThrown: boolean): void {
    if (isThrown) this.#replyThrown(error);
    else this.#replyFailure(PluginError.from(error), "none");
  }

  /** Checks the arguments and calls the method. @returns A promise while the check goes on. */
  begin(target: IncomingTarget): Promise<void> | undefined {
    if (this.#step !== "waiting") return undefined;
    if (this.#state?.isAborted) return void this.#giveUp();
    const message = this.#message!;
    if (target.failure !== undefined) {
      const error = notMade(this.contract, target.failure.error);
      return void this.failLike(error, !(error instanceof PluginError));
    }
    const method = target.method(message.method);
    if (method === undefined) return void this.#replyFailure(target.noSuchMethod(message.method), "none");
    if (method.spec === undefined) return this.#invoke(method, message.args);
    try {
      if (method.spec.shapes !== undefined) shapeArguments(this.session, method.spec, message.args);
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
    if (method.spec?.keeps === true) this.#received?.own();
    const { interceptors } = this.session;
    if (interceptors !== undefined) return this.#intercepted(interceptors, state, method, args);
    let result: unknown;
    try {
      result = this.session.environment.context.run(state, method.invoke, args);
      // What only looks like a promise may call back twice, or throw.
      if (!(result instanceof Promise) && isThenable(result)) result = Promise.resolve(result);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#replyValue(method, value),
          (error) => this.#replyThrown(error),
        );
        return undefined;
      }
    } catch (error) {
      return void this.#replyThrown(error);
    }
    return void this.#replyValue(method, result);
  }

  /** @returns A promise while they have not called the implementation yet. */
  #intercepted(
    interceptors: readonly Interceptor[],
    state: IncomingState,
    method: BoundMethod,
    args: readonly unknown[],
  ): Promise<void> | undefined {
    const { started, result, ran } = interceptIn(this.session, interceptors, state, method.spec, args, method.invoke);
    result.then(
      (value) => this.#replyValue(method, value),
      (error) => (isRefusal(error) && !ran() ? this.#replyFailure(error, "none") : this.#replyThrown(error)),
    );
    return started;
  }

  #replyValue({ spec }: BoundMethod, given: unknown): void {
    if (!this.#mayReply()) return;
    if (this.#state?.isAborted) return this.#giveUp();
    const value = spec !== undefined && spec.returns === undefined ? undefined : given;
    let reply: Uint8Array;
    try {
      reply = replyReturned(this.session, this, spec, value);
    } catch (error) {
      return this.#replyFailure(PluginError.from(error), "done");
    }
    this.#sent = this.session.references.takeSent();
    this.#answer?.resolve(this.session, value, spec?.resultShape);
    this.#reply(reply);
  }

  #replyThrown(error: unknown): void {
    if (!this.#mayReply()) return;
    if (this.#state?.isAborted) return this.#giveUp();
    this.#answer?.reject(error, true);
    this.#reply(replyThrown(this.session, error));
  }

  #replyFailure(error: PluginError, execution: "none" | "done"): void {
    if (!this.#mayReply()) return;
    this.#answer?.reject(error, false);
    const where = this.#state === undefined ? {} : { contract: this.contract, method: this.label };
    this.#reply(replyFailed(this.session, error.with({ execution, ...where })));
  }

  #reply(message: Uint8Array): void {
    this.#finish();
    this.stream.send(message, true);
    if (this.#sent !== undefined && this.stream.isSent) this.#sent.sent();
  }

  /** Nobody waits for the reply any more. */
  #giveUp(): void {
    if (!this.#mayReply()) return;
    this.#answer?.reject(this.#state?.abortReason, false);
    this.#finish();
    const code = resetCodeOf(this.#state?.abortReason);
    this.stream.abort(code === ResetCode.timeout ? code : ResetCode.cancelled);
  }

  #refuse(): void {
    this.#step = "over";
    this.stream.reset(ResetCode.refused);
  }

  #withdraw(): void {
    this.#answer?.reject(new PluginError(ErrorCode.cancelled, "the call was given up before it began"), false);
    this.session.dispatcher.withdraw(this);
    this.#target?.withdraw(this);
  }

  /** The implementation has ended: what it left going is no part of the call. @returns False when nobody waits for a reply. */
  #mayReply(): boolean {
    if (this.#state !== undefined) this.#state.isRunning = false;
    return this.#step !== "over";
  }

  #finish(): void {
    this.#step = "over";
    const payload = this.#payload;
    this.#payload = undefined;
    if (payload !== undefined) this.session.references.discard(payload);
    if (this.#deadline !== undefined) this.session.environment.deadlines.clear(this.#deadline);
    this.#deadline = undefined;
    const received = this.#received;
    if (received === undefined) return;
    this.#received = undefined;
    afterStreams(this.#sent, () => received.settle());
    // So that they leave in the same write as the reply.
    this.session.references.flush();
  }
}
