import type { PluginError } from "../errors/mod.ts";
import { Ring } from "../transport/ring.ts";
import type { Scheduler } from "./scheduler.ts";

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
  readonly #send: (payload: Uint8Array) => void;
  readonly #outstanding: Ring<Waiter> = new Ring();
  readonly #waiting: Ring<Waiter> = new Ring();
  #next = 1;

  constructor(scheduler: Scheduler, send: (payload: Uint8Array) => void) {
    this.#scheduler = scheduler;
    this.#send = send;
  }

  /** Sends one, or waits for its turn. @returns The round trip in ms. */
  send(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sentMs: 0, number: 0, resolve, reject });
      this.#sendNext();
    });
  }

  /** Takes an answer. @returns `false` when it answers nothing. */
  answered(payload: Uint8Array): boolean {
    const first = this.#outstanding.peek();
    if (first === undefined || view(payload).getUint32(4) !== first.number || view(payload).getUint32(0) !== 0)
      return false;
    this.#outstanding.shift();
    first.resolve(this.#scheduler.now() - first.sentMs);
    this.#sendNext();
    return true;
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
    this.#send(payload);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
