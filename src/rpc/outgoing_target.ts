import type { OutgoingCall } from "./outgoing_call.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * Something of the other side that is called: here, a contract that was dispensed. It keeps the calls in the order
 * they were made: a call waits for the one before it to be wholly sent, so that the other side, which gets it
 * later, starts it later. PROTOCOL.md §8.5.
 */
export class OutgoingTarget {
  readonly id: number;
  readonly contract: string;
  readonly #session: RpcSession;
  /** Other dispenses have the same id, so that it is never dropped. */
  readonly #isShared: boolean;
  #sending: OutgoingCall | undefined;
  /** A set, so that a call that is given up leaves it at once. */
  #waiting: Set<OutgoingCall> = new Set();
  #isAnnounced = false;
  #isDropped = false;

  constructor(session: RpcSession, id: number, contract: string, isShared: boolean) {
    this.#session = session;
    this.#isShared = isShared;
    this.id = id;
    this.contract = contract;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** Sends a call, or keeps it until those before it are sent. @throws PluginError `limit` for a first call too many. */
  send(call: OutgoingCall): void {
    if (!this.#isAnnounced) {
      this.#session.announce(this.id, this.contract);
      this.#isAnnounced = true;
    }
    if (this.#sending !== undefined) {
      this.#waiting.add(call);
      return;
    }
    this.#begin(call);
  }

  /** A call has been sent, or given up. */
  sent(call: OutgoingCall): void {
    if (this.#sending !== call) return;
    this.#sending = undefined;
    for (const next of this.#waiting) {
      if (this.#sending !== undefined) break;
      this.#waiting.delete(next);
      this.#begin(next);
    }
    if (this.#isDropped) this.#dropOnceSent();
  }

  /** Takes back a call that waits. */
  withdraw(call: OutgoingCall): void {
    this.#waiting.delete(call);
  }

  /** All that wait, which will not be sent. */
  takeWaiting(): Iterable<OutgoingCall> {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    return waiting;
  }

  /** This side has no more use for it. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#dropOnceSent();
  }

  #begin(call: OutgoingCall): void {
    const stream = this.#session.openStream(call);
    call.stream = stream;
    const message = call.encoded!;
    call.encoded = undefined;
    this.#sending = call;
    stream.send(message, true);
    if (stream.isSent && this.#sending === call) this.#sending = undefined;
  }

  #dropOnceSent(): void {
    if (this.#isShared || this.#sending !== undefined || this.#waiting.size > 0) return;
    this.#session.drop(this.id);
  }
}
