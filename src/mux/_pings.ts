import type { PluginError } from "../errors/mod.ts";
import { Ring } from "../transport/ring.ts";
import { pingAck } from "../wire/mod.ts";
import type { Scheduler } from "./scheduler.ts";
import { StreamFault } from "./stream_handler.ts";

/** PINGs that may be under way at once. PROTOCOL.md §5.5. */
const maxOutstanding = 4;

interface Waiter {
  sentMs: number;
  number: number;
  resolve(roundTripMs: number): void;
  reject(error: PluginError): void;
}

/** The PINGs of one side: at most four under way, answered in order. */
export class Pings {
  readonly #scheduler: Scheduler;
  readonly #write: (flags: number, payload: Uint8Array) => void;
  readonly #outstanding: Ring<Waiter> = new Ring();
  readonly #waiting: Ring<Waiter> = new Ring();
  #next = 1;

  /** @param write Sends a PING frame. */
  constructor(scheduler: Scheduler, write: (flags: number, payload: Uint8Array) => void) {
    this.#scheduler = scheduler;
    this.#write = write;
  }

  /** Sends one, or waits for its turn. @returns The round trip in ms. */
  send(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sentMs: 0, number: 0, resolve, reject });
      this.#sendNext();
    });
  }

  /** Takes a frame: answers the peer's, or is answered. @throws StreamFault for an answer to nothing. */
  receive(flags: number, payload: Uint8Array): void {
    if (flags !== pingAck) return this.#write(pingAck, payload);
    const first = this.#outstanding.peek();
    if (first === undefined || view(payload).getUint32(4) !== first.number || view(payload).getUint32(0) !== 0)
      throw new StreamFault("an answer to a PING that was not sent");
    this.#outstanding.shift();
    first.resolve(this.#scheduler.now() - first.sentMs);
    this.#sendNext();
  }

  /** None will be answered any more. */
  fail(error: PluginError): void {
    for (const queue of [this.#outstanding, this.#waiting]) {
      for (let waiter = queue.shift(); waiter !== undefined; waiter = queue.shift()) waiter.reject(error);
    }
  }

  #sendNext(): void {
    if (this.#outstanding.length >= maxOutstanding) return;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    waiter.number = this.#next;
    this.#next = (this.#next + 1) >>> 0;
    waiter.sentMs = this.#scheduler.now();
    this.#outstanding.push(waiter);
    const payload = new Uint8Array(8);
    view(payload).setUint32(4, waiter.number);
    this.#write(0, payload);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
