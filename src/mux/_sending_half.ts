import { Ring } from "../transport/ring.ts";
import { Flag, maxCredit } from "../wire/mod.ts";
import { CloseCode } from "./codes.ts";
import type { MuxStream } from "./stream.ts";
import { StreamFault, type StreamPort, type StreamReset } from "./stream_handler.ts";

interface Outgoing {
  readonly kind: "data" | "bytes";
  readonly payload: Uint8Array;
  readonly last: boolean;
  offset: number;
}

const noBytes = new Uint8Array(0);

/** The half of a stream that this side sends: a queue of messages or bytes, written in turns as far as credit goes. */
export class SendingHalf {
  readonly #stream: MuxStream;
  readonly #port: StreamPort;
  #state: "open" | "ended" | "reset" = "open";
  #carriesBytes = false;
  #credit: number;
  #stopSeen = false;
  #queue: Ring<Outgoing> | undefined;
  #queuedBytes = 0;
  #mayHaveRun = false;

  constructor(stream: MuxStream, port: StreamPort, credit: number) {
    this.#stream = stream;
    this.#port = port;
    this.#credit = credit;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** True while something may still be sent. */
  get isWanted(): boolean {
    return this.#state === "open" && !this.#stopSeen;
  }

  get isEmpty(): boolean {
    return this.#queue === undefined || this.#queue.length === 0;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** True once the peer may have got a whole message or some bytes. */
  get mayHaveRun(): boolean {
    return this.#mayHaveRun;
  }

  send(payload: Uint8Array, last: boolean): void {
    if (!this.isWanted || (payload.length === 0 && !last)) return;
    if (
      this.isEmpty &&
      payload.length <= this.#port.turnBytes &&
      payload.length <= this.#credit &&
      this.#port.ready(this.#stream)
    ) {
      this.#credit -= payload.length;
      this.#mayHaveRun = true;
      if (last) this.#state = "ended";
      this.#port.traffic.message();
      this.#port.data(this.#stream, last ? Flag.end : 0, payload);
      if (last) this.#stream.settle();
      return;
    }
    this.#push({ kind: "data", payload, last, offset: 0 });
  }

  sendBytes(chunk: Uint8Array): void {
    if (!this.isWanted) return;
    this.#carriesBytes = true;
    this.#push({ kind: "bytes", payload: chunk, last: false, offset: 0 });
  }

  end(): void {
    if (!this.isWanted) return;
    this.#push({ kind: this.#carriesBytes ? "bytes" : "data", payload: noBytes, last: true, offset: 0 });
  }

  endBytes(): void {
    this.#carriesBytes = true;
    this.end();
  }

  /** Ends it before its time; what is queued is dropped. */
  drop(): void {
    this.#state = "reset";
    this.dropQueue();
  }

  dropQueue(): void {
    if (this.#queuedBytes > 0) this.#port.queued(this.#stream, -this.#queuedBytes);
    this.#queuedBytes = 0;
    this.#queue = undefined;
  }

  /** Writes what one turn allows. @returns `true` when more could be written in a further turn. */
  takeTurn(): boolean {
    if (this.#stream.id === 0) this.#stream.handler.opening?.();
    const queue = this.#queue;
    const item = queue?.peek();
    if (queue === undefined || item === undefined || this.#state !== "open") return false;
    const count = item.kind === "bytes" ? this.#turnOfBytes(item) : this.#turnOfMessage(item);
    if (count < 0 || this.#stream.isLost) return false;
    this.#queuedBytes -= count;
    this.#port.queued(this.#stream, -count);
    // Inside a message the receiver grants exactly what is missing, so the last byte of credit must be used.
    if (item.offset < item.payload.length) return this.#credit > 0;
    queue.shift();
    if (item.last) this.#state = "ended";
    if (queue.length === 0) this.#stream.handler.drained();
    if (item.last) this.#stream.settle();
    return this.#queue !== undefined && this.#queue.length > 0;
  }

  receiveCredit(bytes: number): void {
    const { id } = this.#stream;
    if (bytes === 0) throw new StreamFault(`CREDIT of 0 on stream ${id}`);
    this.#credit += bytes;
    if (this.#credit > maxCredit) throw new StreamFault(`credit over ${maxCredit} on stream ${id}`, CloseCode.credit);
    if (!this.isEmpty) this.#port.enqueue(this.#stream);
  }

  /** The peer wants nothing more. */
  receiveStop(reset: StreamReset): void {
    if (!this.isWanted) return;
    this.#stopSeen = true;
    // The rest of a message in fragments will not come, and the receiver holds room for it until it is told so.
    const isHalfSent = this.#isHalfSent;
    this.dropQueue();
    if (!this.#stream.handler.stopped(reset) || isHalfSent) this.#stream.abort(reset.code);
  }

  get #isHalfSent(): boolean {
    const item = this.#queue?.peek();
    return item !== undefined && item.kind === "data" && item.offset > 0;
  }

  #push(item: Outgoing): void {
    this.#queue ??= new Ring();
    this.#queue.push(item);
    this.#queuedBytes += item.payload.length;
    this.#port.queued(this.#stream, item.payload.length);
    this.#port.enqueue(this.#stream);
  }

  #turnOfBytes(item: Outgoing): number {
    const left = item.payload.length - item.offset;
    const count = Math.min(left, this.#port.turnBytes, this.#credit);
    if (count === 0 && left > 0) return -1;
    const whole = count === left;
    const payload =
      count === item.payload.length ? item.payload : item.payload.subarray(item.offset, item.offset + count);
    item.offset += count;
    this.#credit -= count;
    if (count > 0) this.#mayHaveRun = true;
    this.#port.bytes(this.#stream, whole && item.last ? Flag.end : 0, payload);
    return count;
  }

  #turnOfMessage(item: Outgoing): number {
    const left = item.payload.length - item.offset;
    const first = item.offset === 0;
    this.#port.traffic.message();
    if (first && left <= this.#port.turnBytes && left <= this.#credit) {
      item.offset = left;
      this.#credit -= left;
      this.#mayHaveRun = true;
      this.#port.data(this.#stream, item.last ? Flag.end : 0, item.payload);
      return left;
    }
    const overhead = first ? 4 : 0;
    const count = Math.min(left, this.#port.turnBytes - overhead, this.#credit - overhead);
    if (count <= 0) return -1;
    const payload = item.payload.subarray(item.offset, item.offset + count);
    item.offset += count;
    this.#credit -= count + overhead;
    if (count === left) this.#mayHaveRun = true;
    const flags = count < left ? Flag.more : item.last ? Flag.end : 0;
    if (first) this.#port.firstFragment(this.#stream, flags, item.payload.length, payload);
    else this.#port.data(this.#stream, flags, payload);
    return count;
  }
}
