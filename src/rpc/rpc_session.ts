import type { Contract, Peer, Remote } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { Greeting, type Hello, offerAt } from "../hello/mod.ts";
import { CloseCode, type GoAway, type MuxStream, Session, type StreamHandler } from "../mux/mod.ts";
import { ErrorsHome } from "../thrown/mod.ts";
import type { Link } from "../transport/link.ts";
import { ValueCodec } from "../values/mod.ts";
import { FrameType, type Limits } from "../wire/mod.ts";
import { warnCrowded } from "./_crowded.ts";
import { Ending } from "./_ending.ts";
import { Explanation, sessionClosed } from "./_explanation.ts";
import { HelloDeadline, lateHello } from "./_hello_deadline.ts";
import { peerView } from "./_peer_view.ts";
import type { CallState } from "./call_context.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Dispenser } from "./dispenser.ts";
import type { RpcEnvironment } from "./environment.ts";
import type { Interceptor } from "./interceptors.ts";
import { References } from "./references.ts";
import type { RpcSessionOptions, SessionCounts } from "./session_options.ts";
import { UnclaimedAnswers } from "./unclaimed_answers.ts";

/** A contract's proxy, which may be disposed of. */
export type Dispensed<T> = Remote<T> & Disposable;

/**
 * Calls both ways over one session: its hello, what either side has dispensed of the other, and its end.
 * PROTOCOL.md §7, §8.
 */
export class RpcSession implements Peer {
  readonly codec: ValueCodec;
  /** What the peer calls of this side. */
  readonly dispatcher: Dispatcher;
  /** What this side calls of the peer. */
  readonly dispenser: Dispenser;
  /** What calls gave and nobody awaited. */
  readonly unclaimed: UnclaimedAnswers = new UnclaimedAnswers();
  /** What crosses by reference. */
  readonly references: References;
  readonly limits: Limits;
  readonly environment: RpcEnvironment;
  readonly peerName: string;
  /** Name of the plugin that the other side is, for the facts of errors. */
  readonly plugin: string | undefined;
  /** `undefined` when there are none, so that calls without them cost nothing more. */
  readonly interceptors: readonly Interceptor[] | undefined;
  readonly errorsHome: ErrorsHome = new ErrorsHome();
  /** The other side as implementations see it. */
  readonly peer: Peer = peerView(this);
  readonly #options: RpcSessionOptions;
  readonly #session: Session;
  readonly #greeting: Greeting;
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #closed: PromiseWithResolvers<PluginError | undefined> = Promise.withResolvers();
  #peerHello: Hello | undefined;
  readonly #ending = new Ending(() => this.#session.streamCount > 0 || this.#session.waitingCount > 0);
  readonly #explanation: Explanation;
  readonly #helloDeadline: HelloDeadline;

  constructor(link: Link, options: RpcSessionOptions) {
    this.#options = options;
    this.#explanation = new Explanation(options.explain);
    this.limits = options.limits;
    this.environment = options.environment;
    this.peerName = options.peerName;
    this.plugin = options.plugin;
    this.interceptors = options.interceptors?.length ? [...options.interceptors] : undefined;
    this.codec = new ValueCodec(options.limits, {
      stacks: options.sendStacks === true,
      shared: options.sharedStructure === true,
    });
    this.#session = new Session(link, {
      role: options.role,
      limits: options.limits,
      scheduler: options.environment.scheduler,
      handler: {
        opened: (stream) => this.dispatcher.accept(stream),
        control: (type, payload) => this.#onControl(type, payload),
        goAway: (goAway) => this.#onGoAway(goAway),
        crowded: () => warnCrowded(this),
        streamOver: () => this.#onStreamOver(),
        closed: (error) => this.#onClosed(error),
      },
    });
    this.references = new References(this);
    this.dispenser = new Dispenser(this, options.contractMismatch);
    this.dispatcher = new Dispatcher(this, () => this.#session.isCongested);
    const { helloTimeoutMs } = this.limits;
    this.#helloDeadline = new HelloDeadline(options.environment, helloTimeoutMs, () =>
      this.#session.fail(lateHello(this.peerName, helloTimeoutMs), CloseCode.hello),
    );
    this.#greeting = new Greeting(this.#session, {
      role: options.role,
      codec: this.codec,
      secret: options.secret,
      binding: options.binding,
      hello: options.hello,
      trusted: options.trusted,
      greeted: (peer) => this.#onGreeted(peer),
    });
    this.#opened.promise.catch(() => {});
  }

  /** Settles when both sides know and trust each other; rejects with the error that prevented it. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Settles when all is over, with what broke it. Never rejects. */
  get closed(): Promise<PluginError | undefined> {
    return this.#closed.promise;
  }

  /** The code with which the peer ended the session; `undefined` when it did not, or broke off. PROTOCOL.md §5.6. */
  get peerCode(): number | undefined {
    return this.#ending.peerCode;
  }

  /** True once another host has taken this one's place. */
  get isSuperseded(): boolean {
    return this.#ending.isSuperseded;
  }

  /** The protocol version that both sides speak. @throws PluginError `closed` before there is one, `no_common_version`. */
  get version(): number {
    return this.#options.version?.(this.peerHello) ?? 1;
  }

  get isOver(): boolean {
    return this.#ending.isOver || this.#session.isClosing;
  }

  /** True once nothing new begins, but what running calls call. */
  get isDraining(): boolean {
    return this.#ending.refusal(this.peerName) !== undefined;
  }

  /** The peer's hello. */
  get peerHello(): Hello {
    if (this.#peerHello === undefined) throw new PluginError(ErrorCode.closed, "the session has not begun yet");
    return this.#peerHello;
  }

  /** What the session keeps at present: for figures and tests. */
  get counts(): SessionCounts {
    return {
      streams: this.#session.streamCount,
      waiting: this.#session.waitingCount,
      dispensed: this.dispenser.size + this.dispatcher.targetCount,
      exports: this.references.exports.size,
      imports: this.references.imports.size,
    };
  }

  /** What is open, from either side. */
  get streams(): readonly MuxStream[] {
    return this.#session.streams;
  }

  /** Begins; see {@linkcode RpcSession.opened}. */
  start(): void {
    this.#helloDeadline.begin();
    this.#session.start();
    this.#greeting.begin();
  }

  /**
   * A proxy of a contract that the peer serves. The peer learns of it with the first call.
   *
   * @throws PluginError `no_such_contract`, `no_such_method`, each naming near misses; `closed`.
   */
  dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    return this.dispenser.dispense(contract) as Dispensed<T>;
  }

  /**
   * Checks that the peer serves a contract with all its methods.
   * @returns Its methods, as far as the hello could name them.
   * @throws PluginError `no_such_contract`, `no_such_method`.
   */
  checkServed(contract: { readonly name: string }): readonly string[] | undefined {
    return this.dispenser.checkServed(contract);
  }

  /** Measures a round trip, in ms. */
  ping(): Promise<number> {
    return this.#session.ping();
  }

  /**
   * Begins nothing new and asks the peer for the same; what runs goes on.
   * @param code Why: by default because the session is to end.
   * @returns Settles when nothing runs any more, or the session is over.
   */
  drain(code?: number): Promise<void> {
    this.#ending.drains(code);
    this.references.drain();
    this.unclaimed.drain();
    this.#session.drain(code);
    return this.#ending.idle();
  }

  /**
   * Ends the session. @param reason What calls under way and later ones fail with; by default that it is closed.
   * @param code What the peer is told.
   */
  close(reason?: PluginError, code: number = CloseCode.normal): void {
    if (reason !== undefined) this.#explanation.is(reason);
    if (reason === undefined || this.#session.streams.length === 0) return this.#session.close(code);
    this.#session.fail(reason, code);
  }

  /** Ends the session at once. */
  destroy(error?: PluginError): void {
    this.#session.destroy(error);
  }

  /** @throws PluginError when no call may be made. @param parent The call it is made in. */
  checkMayCall(parent: CallState | undefined): void {
    // What runs may still call back, else it could not end.
    const refusal = parent === undefined ? this.#ending.refusal(this.peerName) : undefined;
    if (refusal !== undefined) throw refusal;
  }

  openStream(handler: StreamHandler): MuxStream {
    return this.#session.open(handler);
  }

  sendControl(message: readonly unknown[]): void {
    this.#session.sendControl(FrameType.control, this.codec.encode(message));
  }

  /** Runs what takes up a frame of the peer. What it throws ends the session. */
  guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#session.fail(PluginError.from(error, ErrorCode.protocol));
    }
  }

  /** Why the session is over, with all that can be found out. */
  explain(error?: PluginError): Promise<PluginError> {
    return this.#explanation.of(error ?? this.#session.error ?? sessionClosed(this.peerName));
  }

  #onGreeted(peer: Hello): void {
    this.#helloDeadline.end();
    this.#peerHello = peer;
    if (peer.contracts.some(({ versions }) => versions !== undefined)) {
      this.#peerHello = { ...peer, contracts: offerAt(peer.contracts, this.version) };
    }
    this.references.begin(peer.limits.references);
    this.dispatcher.serve(this.#options.serve(peer));
    this.#opened.resolve();
  }

  #onControl(type: FrameType, payload: Uint8Array): void {
    if (type !== FrameType.control) return this.#greeting.receive(type, payload);
    this.guard(() => this.dispatcher.control(this.codec.decode(payload)));
  }

  #onGoAway(goAway: GoAway): void {
    // The peer ends the session once nothing of its own runs or waits any more; only it can know when.
    this.#ending.take(goAway);
    if (goAway.drain) this.references.drain();
  }

  #onStreamOver(): void {
    if (this.#session.streamCount === 0) this.errorsHome.clear();
    this.dispatcher.goOn();
    this.#ending.checkIdle();
  }

  #onClosed(error: PluginError | undefined): void {
    this.#ending.over();
    this.errorsHome.clear();
    this.#helloDeadline.end();
    this.dispenser.clear();
    this.dispatcher.clear();
    this.references.clear(error);
    const reason =
      error ?? new PluginError(ErrorCode.closed, `${this.peerName} closed the session before it had begun`);
    this.#opened.reject(reason);
    this.#closed.resolve(error);
  }
}
