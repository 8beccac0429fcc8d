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
  #sending: OutgoingCall | undefined;
  #waiting: OutgoingCall[] = [];
  #isDropped = false;

  constructor(session: RpcSession, id: number, contract: string) {
    this.#session = session;
    this.id = id;
    this.contract = contract;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** Sends a call, or keeps it until those before it are sent. */
  send(call: OutgoingCall): void {
    if (this.#sending !== undefined) {
      this.#waiting.push(call);
      return;
    }
    this.#begin(call);
  }

  /** A call has been sent, or given up. */
  sent(call: OutgoingCall): void {
    if (this.#sending !== call) return;
    this.#sending = undefined;
    while (this.#sending === undefined && this.#waiting.length > 0) this.#begin(this.#waiting.shift()!);
    if (this.#isDropped) this.#dropOnceSent();
  }

  /** Takes back a call that waits. */
  withdraw(call: OutgoingCall): void {
    this.#waiting = this.#waiting.filter((other) => other !== call);
  }

  /** All that wait, which will not be sent. */
  takeWaiting(): OutgoingCall[] {
    const waiting = this.#waiting;
    this.#waiting = [];
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
    if (this.#sending !== undefined || this.#waiting.length > 0) return;
    this.#session.drop(this.id);
  }
}
