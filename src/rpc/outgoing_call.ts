import { checkResult, type Method } from "../contract/mod.ts";
import { ErrorCode, type Execution, PluginError } from "../errors/mod.ts";
import { type MuxStream, ResetCode, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import type { Abortable, CallState } from "./call_context.ts";
import type { CallOptions } from "./call_options.ts";
import { type CallWireOptions, callPlaces, ReplyStatus, readReply } from "./messages.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import { reviveFailure, reviveThrown } from "./remote_error.ts";
import type { RpcSession } from "./rpc_session.ts";
import type { Deadline } from "./timer_wheel.ts";

/**
 * One call from this side: from the encoding of its arguments to the settling of its promise. It settles
 * exactly once, whatever happens to its stream. PROTOCOL.md §8.2.
 */
export class OutgoingCall implements StreamHandler, Abortable {
  readonly target: OutgoingTarget;
  readonly method: string;
  readonly spec: Method | undefined;
  stream: MuxStream | undefined;
  encoded: Uint8Array | undefined;
  readonly #session: RpcSession;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #isSettled = false;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #deadline: Deadline | undefined;
  #timeoutMs: number | undefined;
  #parent: CallState | undefined;

  constructor(session: RpcSession, target: OutgoingTarget, method: string, spec: Method | undefined) {
    this.#session = session;
    this.target = target;
    this.method = method;
    this.spec = spec;
  }

  /** Sends the call. */
  start(args: readonly unknown[], options: CallOptions | undefined, parent: CallState | undefined): Promise<unknown> {
    const promise = new Promise<unknown>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    try {
      this.#send(args, options, parent?.isRunning === true ? parent : undefined);
    } catch (error) {
      this.#fail(PluginError.from(error).with({ ...this.#facts(), execution: "none" }));
    }
    return promise;
  }

  /** Gives the call up with this reason. */
  abort(reason: unknown): void {
    this.#giveUp(reason, ResetCode.cancelled);
  }

  message(payload: Uint8Array): void {
    if (this.#isSettled) return;
    if (!this.#wasSent()) this.#stopSending();
    try {
      const { status, body } = readReply(this.#session.codec.decode(payload));
      if (status === ReplyStatus.returned) return this.#returned(body);
      if (status === ReplyStatus.threw) return this.#fail(reviveThrown(body, this.#where()));
      if (status === ReplyStatus.failed) return this.#fail(reviveFailure(body, this.#session.plugin));
      throw new PluginError(ErrorCode.badMessage, `a reply of unknown status ${status}`);
    } catch (error) {
      this.#failDone(error);
    }
  }

  bytes(chunk: Uint8Array): void {
    this.stream?.consumed(chunk.length);
  }

  ended(): void {
    this.#stopSending();
    this.#failWith(ErrorCode.badMessage, "the other side ended the call without a reply", "unknown");
  }

  aborted(reset: StreamReset): void {
    this.#stopSending();
    if (reset.code === ResetCode.refused)
      return this.#failWith(ErrorCode.refused, "the other side refused the call", "none");
    if (reset.code === ResetCode.tooLarge)
      return this.#failWith(ErrorCode.tooLarge, "the call is larger than the other side takes", "none");
    // Both sides watch the deadline; which of them was first makes no difference to the caller.
    if (reset.code === ResetCode.timeout && this.#timeoutMs !== undefined) return this.#fail(this.#late("unknown"));
    if (reset.code === ResetCode.timeout)
      return this.#failWith(ErrorCode.timeout, "the other side gave the call up at its deadline", "unknown");
    this.#failWith(ErrorCode.cancelled, "the other side gave the call up", "unknown");
  }

  tooLarge(totalBytes: number): void {
    this.#stopSending();
    const max = this.#session.limits.maxMessageBytes;
    this.#failWith(
      ErrorCode.tooLarge,
      `the result has ${totalBytes} bytes, at most ${max} are taken (limits.maxMessageBytes)`,
      "done",
    );
  }

  stopped(): boolean {
    // Nothing more of it is sent, so that those after it may be.
    this.target.sent(this);
    return false;
  }

  drained(): void {
    this.target.sent(this);
  }

  lost(error: PluginError): void {
    this.#lose(error, error.execution ?? "unknown");
    for (const call of this.target.takeWaiting()) call.#lose(error, "none");
  }

  #send(args: readonly unknown[], options: CallOptions | undefined, parent: CallState | undefined): void {
    const session = this.#session;
    if (session.isOver) return this.#lose(undefined, "none");
    if (this.target.isDropped) throw new PluginError(ErrorCode.closed, `${this.#name()}: the proxy was disposed of`);
    session.checkMayCall(parent);
    const wire = this.#watch(options, parent);
    if (this.#isSettled) return;
    const call =
      wire === undefined ? [null, this.target.id, this.method, args] : [null, this.target.id, this.method, args, wire];
    this.encoded = session.codec.encode(call, callPlaces);
    const max = session.peerHello.limits.message;
    if (this.encoded.length > max) {
      throw new PluginError(
        ErrorCode.tooLarge,
        `the call has ${this.encoded.length} bytes, the other side takes at most ${max} (limits.maxMessageBytes)`,
      );
    }
    this.target.send(this);
  }

  /** Heeds signal and deadline; says what of them travels. */
  #watch(options: CallOptions | undefined, parent: CallState | undefined): CallWireOptions | undefined {
    let leftMs = parent?.timeLeftMs();
    const timeoutMs = options?.timeoutMs;
    if (timeoutMs !== undefined && (leftMs === undefined || timeoutMs < leftMs)) leftMs = timeoutMs;
    const signal = options?.signal;
    if (signal?.aborted) return this.#never(signal.reason);
    if (parent !== undefined) {
      if (parent.abortReason !== undefined) return this.#never(parent.abortReason);
      this.#parent = parent;
      parent.adopt(this);
    }
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => this.abort(signal.reason);
      signal.addEventListener("abort", this.#onAbort);
    }
    if (leftMs !== undefined && leftMs !== Number.POSITIVE_INFINITY) {
      const left = Math.max(0, leftMs);
      this.#timeoutMs = left;
      this.#deadline = this.#session.environment.deadlines.set(left, () => this.#expire());
      return options?.metadata === undefined ? { timeout: left } : { timeout: left, metadata: options.metadata };
    }
    return options?.metadata === undefined ? undefined : { metadata: options.metadata };
  }

  #never(reason: unknown): undefined {
    this.#fail(reason);
    return undefined;
  }

  #returned(value: unknown): void {
    const spec = this.spec;
    if (spec === undefined) return this.#succeed(value);
    const checked = checkResult(spec, value, { contract: this.target.contract, method: this.method });
    if (!(checked instanceof Promise)) return this.#succeed(checked);
    checked.then(
      (result) => this.#succeed(result),
      (error) => this.#failDone(error),
    );
  }

  #expire(): void {
    this.#giveUp(this.#late(this.#wasSent() ? "unknown" : "none"), ResetCode.timeout);
  }

  #late(execution: Execution): PluginError {
    const text = `${this.#name()} did not answer within ${Math.round(this.#timeoutMs ?? 0)} ms`;
    return new PluginError(ErrorCode.timeout, text, { ...this.#facts(), execution });
  }

  #giveUp(reason: unknown, code: number): void {
    if (this.#isSettled) return;
    this.#fail(reason);
    const { stream } = this;
    if (stream === undefined) return this.target.withdraw(this);
    stream.reset(code, this.#session.encodeReason(reason));
    this.target.sent(this);
  }

  #lose(error: PluginError | undefined, execution: Execution): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#letGo();
    void this.#session.explain(error).then((why) => this.#reject(this.#lostError(why, execution)));
  }

  /** The rest of a call that has its answer is of no use to anybody. */
  #stopSending(): void {
    this.stream?.abort(ResetCode.done);
    this.target.sent(this);
  }

  #lostError(why: PluginError, execution: Execution): PluginError {
    const ran = execution === "none" ? "did not run" : "may have run";
    const facts = {
      ...this.#facts(),
      execution,
      cause: why,
      exitCode: why.exitCode,
      signal: why.signal,
      stderr: why.stderr,
    };
    return new PluginError(why.code, `${this.#name()} ${ran}: ${why.message}`, facts);
  }

  #wasSent(): boolean {
    return this.stream?.isSent === true;
  }

  #succeed(value: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#letGo();
    this.#resolve(value);
  }

  #fail(error: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#letGo();
    this.#reject(error);
  }

  /** It ran, but what came of it cannot be given. */
  #failDone(error: unknown): void {
    this.#fail(PluginError.from(error).with({ ...this.#facts(), execution: "done" }));
  }

  #failWith(code: ErrorCode, what: string, execution: Execution): void {
    if (!this.#isSettled)
      this.#fail(new PluginError(code, `${this.#name()}: ${what}`, { ...this.#facts(), execution }));
  }

  #letGo(): void {
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#deadline !== undefined) this.#session.environment.deadlines.clear(this.#deadline);
    this.#parent?.disown(this);
    this.#parent = undefined;
  }

  #facts(): { contract: string; method: string; plugin: string | undefined } {
    return { contract: this.target.contract, method: this.method, plugin: this.#session.plugin };
  }

  #name(): string {
    return `${this.target.contract}.${this.method}`;
  }

  #where(): string {
    return `${this.#name()} (${this.#session.peerName})`;
  }
}
