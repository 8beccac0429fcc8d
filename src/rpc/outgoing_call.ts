import type { Method } from "../contract/mod.ts";
import { ErrorCode, type Execution, PluginError, type PluginErrorFacts } from "../errors/mod.ts";
import { type MuxStream, ResetCode, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import { encodeCallReason } from "../thrown/mod.ts";
import { CallBounds } from "./_call_bounds.ts";
import { callError, type FailedCall, givenUpError, lateError, lostError, tooLargeText } from "./_call_failures.ts";
import { encodeCall, renewTimeout, wireOptions } from "./_call_message.ts";
import { lateUnsent } from "./_crowded.ts";
import { failureOfReply } from "./_failed_reply.ts";
import type { ReceivedReferences } from "./_message_source.ts";
import { checkedResult, ownReceived, thrownHere } from "./_outgoing_result.ts";
import type { Abortable, CallState } from "./call_context.ts";
import type { CallOptions } from "./call_options.ts";
import { rejectAtCallSite } from "./call_site.ts";
import { ReplyStatus, readReply } from "./messages.ts";
import type { OutgoingAnswer } from "./outgoing_answer.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import type { NamedCall } from "./reference_kind.ts";
import type { SentReferences } from "./references.ts";

/**
 * One call from this side: from the encoding of its arguments to the settling of its promise. It settles
 * exactly once, whatever happens to its stream. PROTOCOL.md §8.2.
 */
export class OutgoingCall implements StreamHandler, Abortable, NamedCall, FailedCall {
  readonly target: OutgoingTarget;
  readonly method: string;
  readonly spec: Method | undefined;
  stream: MuxStream | undefined;
  /** Its message, until it has been written. */
  encoded: Uint8Array | undefined;
  /** What it gives can be called by this before it is there. */
  answer: OutgoingAnswer | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #isSettled = false;
  #bounds: CallBounds | undefined;
  /** What its message names, as long as that may be taken back. */
  #references: SentReferences | undefined;

  constructor(target: OutgoingTarget, method: string, spec: Method | undefined) {
    this.target = target;
    this.method = method;
    this.spec = spec;
  }

  get contract(): string {
    return this.target.contract;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get label(): string {
    return this.target.labelOf(this.method);
  }

  get name(): string {
    return `${this.contract}.${this.label}`;
  }

  get facts(): PluginErrorFacts {
    return { contract: this.contract, method: this.label, plugin: this.target.session.plugin };
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
      this.#references?.giveUp();
      this.#failHere(PluginError.from(error).with({ ...this.facts, execution: "none" }));
    }
    return promise;
  }

  /** Gives the call up with this reason. */
  abort(reason: unknown): void {
    this.#giveUp(reason, ResetCode.cancelled);
  }

  /** Its time is over. */
  expire(): void {
    const ms = this.#bounds?.timeoutMs ?? 0;
    const error = this.#isSent ? lateError(this, ms, "unknown") : lateUnsent(this, ms, this.target.session);
    this.#giveUp(error, ResetCode.timeout, true);
  }

  /** Its message is written later than it was encoded: what of its time has passed meanwhile is none of the other side's. */
  opening(): void {
    const leftMs = this.#bounds?.timeLeftMs();
    if (leftMs === undefined || this.encoded === undefined) return;
    if (leftMs > 0) renewTimeout(this.encoded, this.#bounds!.timeoutMs!, leftMs);
    else this.expire();
  }

  /** Its message has been written. */
  wasSent(): void {
    this.encoded = undefined;
    this.#references?.sent();
    this.answer?.wasSent();
  }

  /** What it depends on has failed. */
  fail(error: unknown): void {
    if (this.stream === undefined) this.abort(error);
    else this.#fail(error);
  }

  message(payload: Uint8Array): void {
    const { references } = this.target.session;
    if (this.#isSettled) return references.discard(payload);
    if (!this.#isSent) this.#stopSending();
    let received: ReceivedReferences | undefined;
    try {
      const decoded = references.decode(payload);
      received = references.takeReceived();
      received?.cameWith(this.contract, this.label);
      const { status, body } = readReply(decoded);
      if (status === ReplyStatus.returned) return this.#returned(body, received);
      received?.giveBack();
      if (status === ReplyStatus.threw) return this.#threw(body);
      if (status === ReplyStatus.failed) return this.#failHere(failureOfReply(this, body, this.#where));
      throw new PluginError(ErrorCode.badMessage, `a reply of unknown status ${status}`);
    } catch (error) {
      received?.giveBack();
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

  aborted({ code }: StreamReset): void {
    // It was not looked at, so that what it names was not received.
    if (code === ResetCode.refused || code === ResetCode.tooLarge) this.#references?.takeBack();
    this.#stopSending();
    if (!this.#isSettled) this.#failHere(givenUpError(this, code, this.#bounds?.timeoutMs));
  }

  tooLarge(totalBytes: number): void {
    this.#stopSending();
    this.#failWith(ErrorCode.tooLarge, tooLargeText(totalBytes, this.target.session.limits.maxMessageBytes), "done");
  }

  stopped(): boolean {
    // Nothing more of it is sent, so that those after it may be.
    this.encoded = undefined;
    this.#references?.giveUp();
    this.target.sent(this);
    return false;
  }

  drained(): void {
    this.wasSent();
    this.target.sent(this);
  }

  lost(error: PluginError): void {
    this.#lose(error, error.execution ?? "unknown");
    for (const call of this.target.takeWaiting()) call.#lose(error, "none");
  }

  get #where(): string {
    return `${this.name} (${this.target.session.peerName})`;
  }

  get #isSent(): boolean {
    return this.stream?.isSent === true;
  }

  #send(args: readonly unknown[], options: CallOptions | undefined, parent: CallState | undefined): void {
    const { target } = this;
    const { session } = target;
    if (session.isOver) return this.#lose(undefined, "none");
    const refusal = target.refusal(this);
    if (refusal !== undefined) throw refusal;
    if (target.isRoot) session.checkMayCall(parent);
    if (options !== undefined || parent !== undefined) {
      this.#bounds = new CallBounds(session, this, options, parent);
      const ended = this.#bounds.begin();
      if (ended !== undefined) return this.#fail(ended.reason);
      // Sent with no time left, calls that call back would pass it on faster than any timer ends them.
      if (this.#bounds.timeoutMs === 0) return this.expire();
    }
    const wire = wireOptions(this.#bounds?.timeoutMs, options?.metadata, this.answer?.number);
    this.encoded = encodeCall(session, this, args, wire);
    this.#references = session.references.takeSent();
    // A getter in an argument may have given it up.
    if (this.#isSettled) return this.#references?.giveUp();
    target.send(this);
  }

  #returned(value: unknown, received: ReceivedReferences | undefined): void {
    const checked = checkedResult(this, value);
    if (!(checked instanceof Promise)) return this.#give(checked, received);
    checked.then(
      (result) => this.#give(result, received),
      (error) => {
        received?.giveBack();
        this.#failDone(error);
      },
    );
  }

  #give(result: unknown, received: ReceivedReferences | undefined): void {
    if (this.#isSettled) return received?.giveBack();
    if (received !== undefined) ownReceived(received, this.#bounds?.signal);
    this.#succeed(result);
  }

  #threw(body: unknown): void {
    const { error, isOwn } = thrownHere(this, body, this.#where);
    if (isOwn) this.#fail(error);
    else if (error instanceof Promise) void error.then((declared) => this.#failHere(declared));
    else this.#failHere(error);
  }

  #giveUp(reason: unknown, code: number, isMadeHere = false): void {
    if (this.#isSettled) return;
    const dependents = this.answer?.takeCalls() ?? [];
    if (isMadeHere) this.#failHere(reason);
    else this.#fail(reason);
    this.stream?.reset(code, encodeCallReason(reason, this.target.session));
    this.#references?.giveUp();
    if (this.stream === undefined) this.target.withdraw(this);
    else this.target.sent(this);
    // The other side would keep them for as long as it goes on with this one.
    for (const call of dependents) call.abort(reason);
  }

  #lose(error: PluginError | undefined, execution: Execution): void {
    if (!this.#end()) return;
    void this.target.session.explain(error).then((why) => this.#rejectHere(lostError(this, why, execution)));
  }

  /** The rest of a call that has its answer is of no use to anybody. */
  #stopSending(): void {
    this.stream?.abort(ResetCode.done);
    this.#references?.giveUp();
    this.target.sent(this);
  }

  #succeed(value: unknown): void {
    if (!this.#end()) return;
    this.#resolve(value);
    this.answer?.arrived(value);
  }

  #fail(error: unknown): void {
    if (!this.#end()) return;
    this.#reject(error);
    this.answer?.failed(error);
  }

  /** The same with an error that was made for this call. */
  #failHere(error: unknown): void {
    if (this.#end()) this.#rejectHere(error);
  }

  #rejectHere(error: unknown): void {
    rejectAtCallSite(this.#resolve, error);
    this.answer?.failed(error);
  }

  /** @returns False when it has its outcome already. */
  #end(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#bounds?.end();
    this.target.settled(this);
    return true;
  }

  /** It ran, but what came of it cannot be given. */
  #failDone(error: unknown): void {
    this.#failHere(PluginError.from(error).with({ ...this.facts, execution: "done" }));
  }

  #failWith(code: ErrorCode, what: string, execution: Execution): void {
    if (!this.#isSettled) this.#failHere(callError(this, code, what, execution));
  }
}
