import { type Contract, methodsOf, type Peer, type Remote, type Served } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import type { Logger } from "../log/mod.ts";
import {
  CloseCode,
  type GoAway,
  type MuxStream,
  ResetCode,
  type Role,
  Session,
  type StreamHandler,
  type StreamReset,
} from "../mux/mod.ts";
import type { Link } from "../transport/link.ts";
import { ValueCodec } from "../values/mod.ts";
import { FrameType, type Limits } from "../wire/mod.ts";
import { callLog } from "./_call_log.ts";
import type { CallState } from "./call_context.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { RpcEnvironment } from "./environment.ts";
import { Greeting } from "./greeting.ts";
import type { Hello, OfferedContract } from "./hello.ts";
import type { IncomingCall } from "./incoming_call.ts";
import type { IncomingTarget } from "./incoming_target.ts";
import type { Interceptor } from "./interceptors.ts";
import { ControlCode } from "./messages.ts";
import { OutgoingTarget } from "./outgoing_target.ts";
import { makeProxy } from "./proxy.ts";
import { describeThrown, reviveThrown } from "./remote_error.ts";
import type { Deadline } from "./timer_wheel.ts";

/** A contract's proxy, which may be disposed of. */
export type Dispensed<T> = Remote<T> & Disposable;

/** Options of {@linkcode RpcSession}. */
export interface RpcSessionOptions {
  readonly role: Role;
  readonly limits: Limits;
  readonly environment: RpcEnvironment;
  /** What the other side is called in errors: `plugin greeter`, `the host`. */
  readonly peerName: string;
  /** Name of the plugin that the other side is; left out for the host. */
  readonly plugin?: string;
  /** 32 bytes known to both sides. */
  readonly secret?: Uint8Array;
  /** This side's hello; a plugin knows the host's by then. */
  hello(peer: Hello | undefined): Hello;
  /** What is served to a peer that said this hello. */
  serve(peer: Hello): readonly Served[];
  /** Stand around every call, both ways; the first is the outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Whether the stacks of what is thrown here travel. Default `false`. */
  readonly sendStacks?: boolean;
  /** Says more about a session that was lost, such as how the process ended. */
  explain?(error: PluginError): Promise<PluginError>;
}

const maxReasonBytes = 4_096;
const noReason = new Uint8Array(0);

/**
 * Calls both ways over one session: its hello, what either side has dispensed of the other, and its end.
 * PROTOCOL.md §7, §8.
 */
export class RpcSession implements Peer {
  readonly codec: ValueCodec;
  readonly limits: Limits;
  readonly environment: RpcEnvironment;
  readonly peerName: string;
  /** Name of the plugin that the other side is, for the facts of errors. */
  readonly plugin: string | undefined;
  /** `undefined` when there are none, so that calls without them cost nothing more. */
  readonly interceptors: readonly Interceptor[] | undefined;
  /** The other side as implementations see it. */
  readonly peer: Peer = Object.freeze({
    dispense: <T, I>(contract: Contract<T, I>): Dispensed<T> => this.dispense(contract),
  });
  readonly #options: RpcSessionOptions;
  readonly #session: Session;
  readonly #greeting: Greeting;
  readonly #dispatcher: Dispatcher;
  /** Ids of what this side has dispensed. */
  readonly #dispensed: Set<number> = new Set();
  /** A net for proxies that nobody disposes of. */
  readonly #forgotten: FinalizationRegistry<number> = new FinalizationRegistry((id) => this.drop(id));
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #closed: PromiseWithResolvers<PluginError | undefined> = Promise.withResolvers();
  #peerHello: Hello | undefined;
  /** Targets of contracts of which one implementation answers all: by name. They live as long as the session. */
  readonly #shared: Map<string, number> = new Map();
  #nextTarget = 0;
  #isDraining = false;
  #isOver = false;
  #explained: Promise<PluginError> | undefined;
  #helloDeadline: Deadline | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(link: Link, options: RpcSessionOptions) {
    this.#options = options;
    this.limits = options.limits;
    this.environment = options.environment;
    this.peerName = options.peerName;
    this.plugin = options.plugin;
    this.interceptors = options.interceptors?.length ? [...options.interceptors] : undefined;
    this.codec = new ValueCodec(options.limits);
    this.#session = new Session(link, {
      role: options.role,
      limits: options.limits,
      scheduler: options.environment.scheduler,
      handler: {
        opened: (stream) => this.#dispatcher.accept(stream),
        control: (type, payload) => this.#onControl(type, payload),
        goAway: (goAway) => this.#onGoAway(goAway),
        streamOver: () => this.#onStreamOver(),
        closed: (error) => this.#onClosed(error),
      },
    });
    this.#dispatcher = new Dispatcher(this, () => this.#session.isCongested);
    this.#greeting = new Greeting(this.#session, {
      role: options.role,
      codec: this.codec,
      secret: options.secret,
      hello: options.hello,
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

  get isOver(): boolean {
    return this.#isOver || this.#session.isClosing;
  }

  /** The peer's hello. */
  get peerHello(): Hello {
    if (this.#peerHello === undefined) throw new PluginError(ErrorCode.closed, "the session has not begun yet");
    return this.#peerHello;
  }

  /** Streams open, calls that wait for room, and contracts dispensed: for figures and tests. */
  get counts(): { readonly streams: number; readonly waiting: number; readonly dispensed: number } {
    return {
      streams: this.#session.streamCount,
      waiting: this.#session.waitingCount,
      dispensed: this.#dispensed.size + this.#dispatcher.targetCount,
    };
  }

  /** Begins; see {@linkcode RpcSession.opened}. */
  start(): void {
    const { helloTimeoutMs } = this.limits;
    // Somebody waits for the greeting, so that its time keeps the process alive as a call's does.
    this.#helloDeadline = this.environment.deadlines.set(helloTimeoutMs, () => {
      const text = `${this.peerName} did not say hello and prove itself within ${helloTimeoutMs} ms (limits.helloTimeoutMs)`;
      this.#session.fail(new PluginError(ErrorCode.timeout, text), CloseCode.hello);
    });
    this.#session.start();
    this.#greeting.begin();
  }

  /**
   * A proxy of a contract that the peer serves. The peer learns of it with the first call.
   *
   * @throws PluginError `no_such_contract`, `no_such_method`, each naming near misses; `closed`.
   */
  dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    const methods = this.checkServed(contract);
    if (this.isOver) {
      const text = `the session with ${this.peerName} is over: nothing can be dispensed of it any more`;
      const facts = { contract: contract.name, plugin: this.plugin, execution: "none" } as const;
      throw new PluginError(ErrorCode.closed, text, facts);
    }
    const target = this.#targetFor(contract.name);
    return makeProxy(this, target, methods, methodsOf(contract), {}) as Dispensed<T>;
  }

  /**
   * Checks that the peer serves a contract with all its methods.
   * @returns Its methods, as far as the hello could name them.
   * @throws PluginError `no_such_contract`, `no_such_method`.
   */
  checkServed(contract: { readonly name: string }): readonly string[] | undefined {
    const { contracts } = this.peerHello;
    const offered = contracts.find(({ name }) => name === contract.name);
    if (offered === undefined) throw this.#noSuchContract(contract.name, contracts);
    const methods = offered.methods ?? undefined;
    for (const name of methodsOf(contract)?.keys() ?? []) {
      if (methods?.includes(name) === false) throw this.#noSuchMethod(contract.name, name, methods);
    }
    return methods;
  }

  /** Measures a round trip, in ms. */
  ping(): Promise<number> {
    return this.#session.ping();
  }

  /**
   * Begins nothing new and asks the peer for the same; what runs goes on.
   * @returns Settles when nothing runs any more, or the session is over.
   */
  drain(): Promise<void> {
    this.#isDraining = true;
    this.#session.drain();
    this.#idle ??= Promise.withResolvers();
    this.#checkIdle();
    return this.#idle.promise;
  }

  /** Ends the session; calls under way fail. @param reason What they fail with; by default that the session is closed. */
  close(reason?: PluginError): void {
    if (reason === undefined) return this.#session.close();
    this.#explained ??= Promise.resolve(reason);
    this.#session.fail(reason, CloseCode.normal);
  }

  /** Ends the session at once. */
  destroy(error?: PluginError): void {
    this.#session.destroy(error);
  }

  // What calls, targets and proxies use.

  /** @throws PluginError when no call may be made. @param parent The call it is made in. */
  checkMayCall(parent: CallState | undefined): void {
    // What runs may still call back, else it could not end.
    if (this.#isDraining && parent === undefined) {
      throw new PluginError(
        ErrorCode.draining,
        `the session with ${this.peerName} is being ended: no new calls are made`,
      );
    }
  }

  openStream(handler: StreamHandler): MuxStream {
    return this.#session.open(handler);
  }

  sendControl(message: readonly unknown[]): void {
    this.#session.sendControl(FrameType.control, this.codec.encode(message));
  }

  /**
   * Tells the peer what a target is. Not before its first call: factories of two sides that dispense each other's contract
   * would else make each other without end.
   * @throws PluginError `limit` when too many proxies have not been disposed of.
   */
  announce(id: number, contract: string): void {
    if (this.#dispensed.has(id)) return;
    const max = this.peerHello.limits.dispensed;
    if (this.#dispensed.size >= max) {
      const text = `${max} contracts of ${this.peerName} are in use, it gives no more at once (limits.maxDispensed); keep a proxy and use it again, or dispose of each with using`;
      throw new PluginError(ErrorCode.limit, text);
    }
    this.#dispensed.add(id);
    this.sendControl([ControlCode.dispense, id, contract]);
  }

  /** Tells the peer that a dispensed contract is not used any more. Idempotent. */
  drop(id: number): void {
    if (this.#dispensed.delete(id)) this.sendControl([ControlCode.drop, id]);
  }

  /** Runs what takes up a frame of the peer. What it throws ends the session. */
  guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#session.fail(PluginError.from(error, ErrorCode.protocol));
    }
  }

  incomingTarget(id: number): IncomingTarget {
    return this.#dispatcher.target(id);
  }

  dispatch(call: IncomingCall): void {
    this.#dispatcher.dispatch(call);
  }

  /** A call that waits was given up. */
  withdraw(call: IncomingCall, target: IncomingTarget | undefined): void {
    this.#dispatcher.withdraw(call);
    target?.withdraw(call);
  }

  /** Why the session is over, with all that can be found out. */
  explain(error?: PluginError): Promise<PluginError> {
    const known =
      error ?? this.#session.error ?? new PluginError(ErrorCode.closed, `the session with ${this.peerName} is closed`);
    this.#explained ??= this.#options.explain?.(known).catch(() => known) ?? Promise.resolve(known);
    return this.#explained;
  }

  /** What of an abort's reason travels. */
  encodeReason(reason: unknown): Uint8Array {
    try {
      const bytes = this.codec.encode(describeThrown(reason, this.codec));
      return bytes.length > maxReasonBytes ? noReason : bytes;
    } catch {
      // The reason is a courtesy; the call is given up without it.
      return noReason;
    }
  }

  /** Why the peer gave up. */
  decodeReason(reset: StreamReset): unknown {
    const isLate = reset.code === ResetCode.timeout;
    const code = isLate ? ErrorCode.timeout : ErrorCode.cancelled;
    const text = `${this.peerName} ${isLate ? "gave the call up at its deadline" : "cancelled the call"}`;
    if (reset.reason.length === 0) return new PluginError(code, text);
    try {
      const cause = reviveThrown(this.codec.decode(reset.reason), this.peerName);
      return new PluginError(code, text, { cause });
    } catch {
      // The reason is a courtesy; one that cannot be read changes nothing.
      return new PluginError(code, text);
    }
  }

  logFor(what: string): Logger {
    return callLog(this.environment.log, what);
  }

  #onGreeted(peer: Hello): void {
    this.#greetingIsOver();
    this.#peerHello = peer;
    this.#dispatcher.serve(this.#options.serve(peer));
    this.#opened.resolve();
  }

  #greetingIsOver(): void {
    if (this.#helloDeadline !== undefined) this.environment.deadlines.clear(this.#helloDeadline);
  }

  #onControl(type: FrameType, payload: Uint8Array): void {
    if (type !== FrameType.control) return this.#greeting.receive(type, payload);
    this.guard(() => this.#dispatcher.control(this.codec.decode(payload)));
  }

  #onGoAway(goAway: GoAway): void {
    // The peer ends the session once nothing of its own runs or waits any more; only it can know when.
    if (goAway.drain) this.#isDraining = true;
  }

  #onStreamOver(): void {
    this.#dispatcher.goOn();
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#idle !== undefined && this.#session.streamCount === 0 && this.#session.waitingCount === 0)
      this.#idle.resolve();
  }

  #onClosed(error: PluginError | undefined): void {
    this.#isOver = true;
    this.#greetingIsOver();
    this.#idle?.resolve();
    this.#dispensed.clear();
    this.#dispatcher.clear();
    const reason =
      error ?? new PluginError(ErrorCode.closed, `${this.peerName} closed the session before it had begun`);
    this.#opened.reject(reason);
    this.#closed.resolve(error);
  }

  #targetFor(contract: string): OutgoingTarget {
    const isShared = this.peerHello.contracts.find(({ name }) => name === contract)?.shared === true;
    const id = (isShared ? this.#shared.get(contract) : undefined) ?? this.#nextTarget++;
    const target = new OutgoingTarget(this, id, contract, isShared);
    if (isShared) this.#shared.set(contract, id);
    else this.#forgotten.register(target, id);
    return target;
  }

  #noSuchContract(contract: string, offered: readonly OfferedContract[]): PluginError {
    const names = offered.map(({ name }) => name);
    const way = this.peerHello.role === "host" ? " (a host serves what is in its option provide)" : "";
    const text = `${this.peerName} serves no contract ${JSON.stringify(contract)}${hint(contract, names)}${way}`;
    return new PluginError(ErrorCode.noSuchContract, text, { contract, plugin: this.plugin, execution: "none" });
  }

  #noSuchMethod(contract: string, method: string, methods: readonly string[]): PluginError {
    const text = `${this.peerName} serves contract ${contract} without a method ${JSON.stringify(method)}${hint(method, methods)}`;
    const facts = { contract, method, plugin: this.plugin, execution: "none" } as const;
    return new PluginError(ErrorCode.noSuchMethod, text, facts);
  }
}
