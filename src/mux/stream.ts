import type { PluginError } from "../errors/mod.ts";
import { Flag, ResetFlag } from "../wire/mod.ts";
import { PartialMessage } from "./_partial_message.ts";
import { Ring } from "./_ring.ts";
import type { Admission } from "./admission.ts";
import { CloseCode, ResetCode } from "./codes.ts";

/** Why a half ended before its time. */
export interface StreamReset {
  readonly code: number;
  /** CBOR, or empty. */
  readonly reason: Uint8Array;
}

/**
 * What happens on a stream. Methods must not throw.
 *
 * `message` and `bytes` come in order; each half then ends once: by `ended`, by `aborted`, or with the
 * session by `lost`.
 */
export interface StreamHandler {
  /** A whole message. `last` says that the peer's half ended with it. */
  message(payload: Uint8Array, last: boolean): void;
  /** Bytes of a byte stream. Their window opens again by {@linkcode MuxStream.consumed}. */
  bytes(chunk: Uint8Array): void;
  /** The peer ended its half without a further message. */
  ended(): void;
  /** The peer gave up its half. */
  aborted(reset: StreamReset): void;
  /** The peer began a message over `maxMessageBytes`; it was told to stop, and what still comes of it is dropped. */
  tooLarge(totalBytes: number): void;
  /**
   * The peer wants nothing more on this half; what was queued is dropped.
   * @returns `true` to end it later by `abort`: the stream lives until then. `false`: it is ended at once.
   */
  stopped(reset: StreamReset): boolean;
  /** What was queued for sending has been written, the end of the half included. */
  drained(): void;
  /** The session is over while this stream was not. */
  lost(error: PluginError): void;
}

/** What a stream needs of its session. */
export interface StreamPort {
  /** Largest payload of a frame in one turn, in bytes: it bounds how long a small message waits beside a large one. */
  readonly turnBytes: number;
  readonly maxMessageBytes: number;
  /** Room for large messages, by who opened the stream. */
  admission(stream: MuxStream): Admission;
  /** True when a frame may be written at once. */
  ready(stream: MuxStream): boolean;
  /** Puts the stream in line for a turn. */
  enqueue(stream: MuxStream): void;
  data(stream: MuxStream, flags: number, payload: Uint8Array): void;
  firstFragment(stream: MuxStream, flags: number, totalBytes: number, payload: Uint8Array): void;
  bytes(stream: MuxStream, flags: number, payload: Uint8Array): void;
  credit(stream: MuxStream, bytes: number): void;
  reset(stream: MuxStream, flags: number, code: number, reason: Uint8Array): void;
  /** Both halves are over. */
  finished(stream: MuxStream): void;
  /** Queued bytes of all streams changed by this much. */
  queued(stream: MuxStream, bytes: number): void;
}

interface Outgoing {
  readonly kind: "data" | "bytes";
  readonly payload: Uint8Array;
  readonly last: boolean;
  offset: number;
}

type HalfState = "open" | "ended" | "reset";

const maxCredit = 0x7fff_ffff;
const noBytes = new Uint8Array(0);

/** A protocol error on a stream, with the code that the session's GOAWAY carries. */
export class StreamFault extends Error {
  readonly closeCode: number;
  constructor(message: string, closeCode: number = CloseCode.protocol) {
    super(message);
    this.closeCode = closeCode;
  }
}

/**
 * One multiplexed channel of a session: two halves, each of messages or of bytes, each under its own credit,
 * each ending exactly once. PROTOCOL.md §5.
 */
export class MuxStream {
  /** Number on the wire; 0 until the first frame is written, so that numbers rise in the order of the wire. */
  id = 0;
  /** True when this side opened it. */
  readonly local: boolean;
  handler: StreamHandler;
  /** In line for a turn. */
  inLine = false;
  /** Counted among the open streams of its side. */
  hasPlace = false;
  /** Waits for a place. */
  isWaiting = false;
  readonly #port: StreamPort;
  #sending: HalfState = "open";
  #receiving: HalfState = "open";
  #sendsBytes = false;
  #receivesBytes: boolean | undefined;
  #sendCredit: number;
  #receiveCredit: number;
  #windowBytes: number;
  #unreadBytes = 0;
  #stopSent = false;
  #stopSeen = false;
  #refusedLarge = false;
  #queue: Ring<Outgoing> | undefined;
  #queuedBytes = 0;
  #partial: PartialMessage | undefined;
  #mayHaveRun = false;
  #lost = false;
  #settled = false;
  /** A wish to stop from before the first frame, sent right after it. */
  #stopLater: StreamReset | undefined;

  constructor(port: StreamPort, handler: StreamHandler, local: boolean, windowBytes: number) {
    this.#port = port;
    this.handler = handler;
    this.local = local;
    this.#sendCredit = windowBytes;
    this.#receiveCredit = windowBytes;
    this.#windowBytes = windowBytes;
  }

  /** True when this side may still send. */
  get canSend(): boolean {
    return this.#sending === "open" && !this.#stopSeen;
  }

  /** True once both halves are over. */
  get isOver(): boolean {
    return this.#sending !== "open" && this.#receiving !== "open";
  }

  /** True when everything passed to `send` was written. */
  get isSent(): boolean {
    return this.id !== 0 && this.#queuedBytes === 0 && (this.#queue === undefined || this.#queue.length === 0);
  }

  /** True once the peer may have got a whole message or some bytes: what it was asked to do may have been done. */
  get mayHaveRun(): boolean {
    return this.#mayHaveRun;
  }

  /** Bytes queued here and not yet written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Sends a message.
   *
   * @param payload At least one byte, unless `last`: an empty message that ends the half is no message, but its end.
   * @param last Ends this half with it.
   */
  send(payload: Uint8Array, last: boolean): void {
    if (!this.canSend || (payload.length === 0 && !last)) return;
    if (
      this.#isEmpty &&
      payload.length <= this.#port.turnBytes &&
      payload.length <= this.#sendCredit &&
      this.#port.ready(this)
    ) {
      this.#sendCredit -= payload.length;
      this.#mayHaveRun = true;
      if (last) this.#sending = "ended";
      this.#port.data(this, last ? Flag.end : 0, payload);
      if (last) this.#settle();
      return;
    }
    this.#push({ kind: "data", payload, last, offset: 0 });
  }

  /** Sends bytes of a byte stream. */
  sendBytes(chunk: Uint8Array): void {
    if (!this.canSend) return;
    this.#sendsBytes = true;
    this.#push({ kind: "bytes", payload: chunk, last: false, offset: 0 });
  }

  /** Ends this half after what is queued. */
  end(): void {
    if (!this.canSend) return;
    this.#push({ kind: this.#sendsBytes ? "bytes" : "data", payload: noBytes, last: true, offset: 0 });
  }

  /** Ends a half of bytes, also one that never sent any, after what is queued. */
  endBytes(): void {
    this.#sendsBytes = true;
    this.end();
  }

  /** Gives up this half; what is queued is dropped. Before the first frame it ends the whole stream, without a word. */
  abort(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(true, false, code, reason);
  }

  /** Asks the peer to end its half. The stream lives until it has. */
  stop(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(false, true, code, reason);
  }

  /** Both {@linkcode MuxStream.abort} and {@linkcode MuxStream.stop}. */
  reset(code: number, reason: Uint8Array = noBytes): void {
    this.#reset(true, true, code, reason);
  }

  /** Opens the window of a half that somebody reads. @param windowBytes Its size from now on. */
  widen(windowBytes: number): void {
    if (windowBytes <= this.#windowBytes) return;
    this.#windowBytes = windowBytes;
    this.#topUp();
  }

  /** Says that bytes given to `StreamHandler.bytes` have been read. */
  consumed(bytes: number): void {
    this.#unreadBytes -= bytes;
    this.#topUp();
  }

  // What follows is called by the session.

  /** Its first frame was written: what waited for the stream to have a number follows. */
  opened(): void {
    this.#topUp();
    const stop = this.#stopLater;
    if (stop === undefined) return;
    this.#stopLater = undefined;
    if (this.#receiving === "open") this.#port.reset(this, ResetFlag.stop, stop.code, stop.reason);
  }

  /** Writes what one turn allows. @returns `true` when more could be written in a further turn. */
  takeTurn(): boolean {
    const queue = this.#queue;
    const item = queue?.peek();
    if (queue === undefined || item === undefined || this.#sending !== "open") return false;
    const count = item.kind === "bytes" ? this.#turnOfBytes(item) : this.#turnOfMessage(item);
    if (count < 0 || this.#lost) return false;
    this.#queuedBytes -= count;
    this.#port.queued(this, -count);
    // Inside a message the receiver grants exactly what is missing, so the last byte of credit must be used.
    if (item.offset < item.payload.length) return this.#sendCredit > 0;
    queue.shift();
    if (item.last) this.#sending = "ended";
    if (queue.length === 0) this.handler.drained();
    if (item.last) this.#settle();
    return this.#queue !== undefined && this.#queue.length > 0;
  }

  receiveData(flags: number, payload: Uint8Array): void {
    this.#receiveKind(false);
    this.#spend(payload.length);
    const last = (flags & Flag.end) !== 0;
    if ((flags & Flag.more) !== 0 || this.#partial !== undefined) return this.#receiveFragment(flags, payload, last);
    if (last) this.#receiving = "ended";
    if (payload.length === 0) this.handler.ended();
    else if (payload.length > this.#port.maxMessageBytes) this.#endRefused(payload.length, last);
    else this.handler.message(payload, last);
    this.#afterReceiving(last);
  }

  receiveBytes(flags: number, payload: Uint8Array): void {
    this.#receiveKind(true);
    this.#spend(payload.length);
    const last = (flags & Flag.end) !== 0;
    if (last) this.#receiving = "ended";
    if (payload.length > 0) {
      this.#unreadBytes += payload.length;
      this.handler.bytes(payload);
    }
    if (!last || this.#lost) return;
    this.handler.ended();
    this.#settle();
  }

  receiveCredit(bytes: number): void {
    if (bytes === 0) throw new StreamFault(`CREDIT of 0 on stream ${this.id}`);
    this.#sendCredit += bytes;
    if (this.#sendCredit > maxCredit)
      throw new StreamFault(`credit over ${maxCredit} on stream ${this.id}`, CloseCode.credit);
    if (!this.#isEmpty) this.#port.enqueue(this);
  }

  receiveStopped(reset: StreamReset): void {
    if (this.#receiving !== "open") throw new StreamFault(`RESET of a half that had ended, on stream ${this.id}`);
    this.#receiving = "reset";
    this.#dropPartial();
    this.handler.aborted(reset);
    this.#settle();
  }

  receiveStop(reset: StreamReset): void {
    if (this.#sending !== "open" || this.#stopSeen) return;
    this.#stopSeen = true;
    // The rest of a message in fragments will not come, and the receiver holds room for it until it is told so.
    const isHalfSent = this.#isHalfSent;
    this.#dropQueue();
    if (!this.handler.stopped(reset) || isHalfSent) this.abort(reset.code);
  }

  /** The session is over. */
  lose(error: PluginError): void {
    if (this.isOver) return;
    this.#sending = "reset";
    this.#receiving = "reset";
    this.#lost = true;
    this.#settled = true;
    this.handler.lost(error);
    this.#dropQueue();
    this.#dropPartial();
  }

  get #isEmpty(): boolean {
    return this.#queue === undefined || this.#queue.length === 0;
  }

  get #isHalfSent(): boolean {
    const item = this.#queue?.peek();
    return item !== undefined && item.kind === "data" && item.offset > 0;
  }

  #push(item: Outgoing): void {
    this.#queue ??= new Ring();
    this.#queue.push(item);
    this.#queuedBytes += item.payload.length;
    this.#port.queued(this, item.payload.length);
    this.#port.enqueue(this);
  }

  #turnOfBytes(item: Outgoing): number {
    const left = item.payload.length - item.offset;
    const count = Math.min(left, this.#port.turnBytes, this.#sendCredit);
    if (count === 0 && left > 0) return -1;
    const whole = count === left;
    const payload =
      count === item.payload.length ? item.payload : item.payload.subarray(item.offset, item.offset + count);
    item.offset += count;
    this.#sendCredit -= count;
    if (count > 0) this.#mayHaveRun = true;
    this.#port.bytes(this, whole && item.last ? Flag.end : 0, payload);
    return count;
  }

  #turnOfMessage(item: Outgoing): number {
    const left = item.payload.length - item.offset;
    const first = item.offset === 0;
    if (first && left <= this.#port.turnBytes && left <= this.#sendCredit) {
      item.offset = left;
      this.#sendCredit -= left;
      this.#mayHaveRun = true;
      this.#port.data(this, item.last ? Flag.end : 0, item.payload);
      return left;
    }
    const overhead = first ? 4 : 0;
    const count = Math.min(left, this.#port.turnBytes - overhead, this.#sendCredit - overhead);
    if (count <= 0) return -1;
    const payload = item.payload.subarray(item.offset, item.offset + count);
    item.offset += count;
    this.#sendCredit -= count + overhead;
    if (count === left) this.#mayHaveRun = true;
    const flags = count < left ? Flag.more : item.last ? Flag.end : 0;
    if (first) this.#port.firstFragment(this, flags, item.payload.length, payload);
    else this.#port.data(this, flags, payload);
    return count;
  }

  #receiveKind(bytes: boolean): void {
    if (this.#receiving !== "open") throw new StreamFault(`a frame after the end of stream ${this.id}`);
    if (this.#receivesBytes === undefined) this.#receivesBytes = bytes;
    else if (this.#receivesBytes !== bytes) throw new StreamFault(`both DATA and BYTES on stream ${this.id}`);
  }

  #spend(bytes: number): void {
    this.#receiveCredit -= bytes;
    if (this.#receiveCredit < 0)
      throw new StreamFault(`more bytes than the credit of stream ${this.id} allows`, CloseCode.credit);
  }

  #receiveFragment(flags: number, payload: Uint8Array, last: boolean): void {
    let partial = this.#partial;
    let fragment = payload;
    if (partial === undefined) {
      if (payload.length < 5) throw new StreamFault(`a first fragment of ${payload.length} bytes on stream ${this.id}`);
      const view = new DataView(payload.buffer, payload.byteOffset, 4);
      partial = new PartialMessage(view.getUint32(0));
      fragment = payload.subarray(4);
      this.#partial = partial;
    }
    if (fragment.length === 0) throw new StreamFault(`an empty fragment on stream ${this.id}`);
    const more = (flags & Flag.more) !== 0;
    if (fragment.length > partial.missingBytes || (fragment.length === partial.missingBytes) === more) {
      throw new StreamFault(
        `fragments that do not add up to the ${partial.totalBytes} bytes announced, on stream ${this.id}`,
      );
    }
    const refused = partial.totalBytes > this.#port.maxMessageBytes;
    if (refused) partial.skip(fragment.length);
    else partial.add(fragment);
    if (more && refused) return this.#refuseLarge(partial.totalBytes);
    if (more) return this.#admit(partial);
    if (last) this.#receiving = "ended";
    const message = partial.take();
    this.#dropPartial();
    if (refused) this.#endRefused(partial.totalBytes, last);
    else this.handler.message(message, last);
    this.#afterReceiving(last);
  }

  /** Asks once for the credit that the rest of the message needs. */
  #admit(partial: PartialMessage): void {
    if (partial.reservation !== undefined || this.#stopSent) return;
    const needed = partial.missingBytes - this.#receiveCredit;
    if (needed <= 0) return;
    const grant = (): void => {
      this.#receiveCredit += needed;
      this.#port.credit(this, needed);
    };
    partial.reservation = this.#port.admission(this).request(needed, grant);
  }

  /** All of a message that is not taken has come. */
  #endRefused(totalBytes: number, last: boolean): void {
    this.#refuseLarge(totalBytes);
    if (last && !this.#lost) this.handler.ended();
  }

  #refuseLarge(totalBytes: number): void {
    if (this.#refusedLarge) return;
    this.#refusedLarge = true;
    this.handler.tooLarge(totalBytes);
    this.reset(ResetCode.tooLarge);
  }

  #afterReceiving(last: boolean): void {
    if (last) this.#settle();
    else this.#topUp();
  }

  #topUp(): void {
    if (this.id === 0 || this.#receiving !== "open" || this.#stopSent || this.#partial !== undefined) return;
    const missing = this.#windowBytes - this.#receiveCredit - this.#unreadBytes;
    if (missing * 2 < this.#windowBytes) return;
    this.#receiveCredit += missing;
    this.#port.credit(this, missing);
  }

  #reset(mine: boolean, theirs: boolean, code: number, reason: Uint8Array): void {
    const abort = mine && this.#sending === "open";
    const stop = theirs && this.#receiving === "open" && !this.#stopSent;
    if (!abort && !stop) return;
    if (abort) {
      this.#sending = "reset";
      this.#dropQueue();
    }
    if (stop) {
      this.#stopSent = true;
      this.#giveUpWaiting();
    }
    if (this.id !== 0) {
      this.#port.reset(this, (abort ? ResetFlag.stopped : 0) | (stop ? ResetFlag.stop : 0), code, reason);
    } else if (abort) {
      // Nothing of it was ever sent, so the peer need not know.
      this.#receiving = "reset";
    } else {
      this.#stopLater = { code, reason };
    }
    this.#settle();
  }

  #settle(): void {
    // A handler may end the other half while this one's end is being told.
    if (!this.isOver || this.#settled) return;
    this.#settled = true;
    this.#port.finished(this);
  }

  #dropQueue(): void {
    if (this.#queuedBytes > 0) this.#port.queued(this, -this.#queuedBytes);
    this.#queuedBytes = 0;
    this.#queue = undefined;
  }

  /** Credit that was granted may still be used, so only a request that waits can be taken back. */
  #giveUpWaiting(): void {
    const reservation = this.#partial?.reservation;
    if (reservation?.state === "waiting") this.#port.admission(this).release(reservation);
  }

  #dropPartial(): void {
    const reservation = this.#partial?.reservation;
    if (reservation !== undefined) this.#port.admission(this).release(reservation);
    this.#partial = undefined;
  }
}
