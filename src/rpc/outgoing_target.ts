import type { Method } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import type { FailedCall } from "./_call_failures.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * Something of the other side that is called. It keeps the calls in the order they were made: a call waits for the one
 * before it to be wholly sent, so that the other side, which gets it later, starts it later. PROTOCOL.md §8.5.
 */
export abstract class OutgoingTarget {
  /** What a call names it by. */
  abstract readonly number: number;
  /** Name of the contract, for errors. */
  abstract readonly contract: string;
  readonly session: RpcSession;
  #sending: OutgoingCall | undefined;
  /** A set, so that a call that is given up leaves it at once. */
  #waiting: Set<OutgoingCall> | undefined;

  constructor(session: RpcSession) {
    this.session = session;
  }

  /** True for what was dispensed: it is not called any more once the session is being ended. */
  abstract readonly isRoot: boolean;

  /** What one of its methods is called in errors. */
  labelOf(method: string): string {
    return method;
  }

  /** What the contract says of a method. */
  specOf(_method: string): Method | undefined {
    return undefined;
  }

  /** Why it cannot be called; `undefined` when it can. */
  abstract refusal(call: FailedCall): PluginError | undefined;

  /** This side has no more use for it. */
  abstract drop(): void;

  /** A call of it goes through interceptors, which may take their time. */
  intercepted(): void {}

  /** That call has ended. */
  released(): void {}

  /** Sends a call, or keeps it until those before it are sent. @throws PluginError `limit` for a first call too many. */
  send(call: OutgoingCall): void {
    this.entered();
    if (this.#sending === undefined && this.isOpen) return this.#begin(call);
    this.#waiting ??= new Set();
    this.#waiting.add(call);
  }

  /** A call has been sent, or given up. */
  sent(call: OutgoingCall): void {
    if (this.#sending !== call) return;
    this.#sending = undefined;
    this.left();
    this.goOn();
  }

  /** A call has its outcome. */
  settled(_call: OutgoingCall): void {}

  /** Takes back a call that waits. */
  withdraw(call: OutgoingCall): void {
    if (this.#waiting?.delete(call)) this.left();
  }

  /** All that wait, which will not be sent. */
  takeWaiting(): Iterable<OutgoingCall> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting ?? [];
  }

  /** True when no call waits to be sent, or to be wholly sent. */
  protected get isIdle(): boolean {
    return this.#sending === undefined && (this.#waiting === undefined || this.#waiting.size === 0);
  }

  /** True when the first of its calls may be sent. */
  protected get isOpen(): boolean {
    return true;
  }

  /** A call was made. */
  protected entered(): void {}

  /** A call was sent, or will not be. */
  protected left(): void {}

  /** Sends those that may be. */
  protected goOn(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    for (const next of waiting) {
      if (this.#sending !== undefined || !this.isOpen) return;
      next.opening();
      if (waiting.delete(next)) this.#begin(next);
    }
  }

  #begin(call: OutgoingCall): void {
    const stream = this.session.openStream(call);
    call.stream = stream;
    this.#sending = call;
    stream.send(call.encoded!, true);
    if (stream.isSent) call.encoded = undefined;
    if (!stream.isSent || this.#sending !== call) return;
    this.#sending = undefined;
    call.wasSent();
    this.left();
  }
}
