import { Flag, maxCredit } from "../wire/mod.ts";
import { read32 } from "./_bytes.ts";
import { PartialMessage } from "./_partial_message.ts";
import { CloseCode, ResetCode } from "./codes.ts";
import type { MuxStream } from "./stream.ts";
import { StreamFault, type StreamPort, type StreamReset } from "./stream_handler.ts";

/** How many times larger the window of a byte stream is that has the session to itself. */
const aloneFactor = 4;
/** How many windows it has to carry alone before it counts as that: calls that come every few ms find less in their way. */
const aloneWindows = 16;

/** The half of a stream that the peer sends: what credit it has, and the message whose fragments are gathered. */
export class ReceivingHalf {
  readonly #stream: MuxStream;
  readonly #port: StreamPort;
  #state: "open" | "ended" | "reset" = "open";
  #carriesBytes: boolean | undefined;
  #credit: number;
  #windowBytes: number;
  #unreadBytes = 0;
  #stopSent = false;
  #refusedLarge = false;
  #partial: PartialMessage | undefined;

  constructor(stream: MuxStream, port: StreamPort, windowBytes: number) {
    this.#stream = stream;
    this.#port = port;
    this.#credit = windowBytes;
    this.#windowBytes = windowBytes;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** True while the peer was not asked to end it. */
  get isWanted(): boolean {
    return this.#state === "open" && !this.#stopSent;
  }

  widen(windowBytes: number): void {
    if (windowBytes <= this.#windowBytes) return;
    this.#windowBytes = windowBytes;
    this.topUp();
  }

  /** A message that was given to the handler has not been used yet. */
  keep(bytes: number): void {
    this.#unreadBytes += bytes;
  }

  consumed(bytes: number): void {
    this.#unreadBytes -= bytes;
    this.topUp();
  }

  /** Grants what has been read, once it is worth a frame. */
  topUp(): void {
    if (this.#stream.id === 0 || !this.isWanted || this.#partial !== undefined) return;
    const windowBytes = this.#windowNow();
    const missing = windowBytes - this.#credit - this.#unreadBytes;
    if (missing * 2 < windowBytes) return;
    this.#credit += missing;
    this.#port.credit(this.#stream, missing);
  }

  /** With 256 KiB in flight sender and receiver take turns; but what is in flight is what a call waits behind. */
  #windowNow(): number {
    const windowBytes = this.#windowBytes;
    const isAlone =
      this.#carriesBytes === true && this.#port.traffic.aloneBytes(this.#stream.id) >= windowBytes * aloneWindows;
    return isAlone ? Math.min(windowBytes * aloneFactor, maxCredit) : windowBytes;
  }

  /** The peer is asked to end it. */
  stop(): void {
    this.#stopSent = true;
    // Credit that was granted may still be used, so only a request that waits can be taken back.
    const reservation = this.#partial?.reservation;
    if (reservation?.state === "waiting") this.#port.admission(this.#stream).release(reservation);
  }

  /** Ends it before its time. */
  drop(): void {
    this.#state = "reset";
    this.#dropPartial();
  }

  receiveData(flags: number, payload: Uint8Array): void {
    this.#checkKind(false);
    this.#spend(payload.length);
    this.#port.traffic.message();
    const last = (flags & Flag.end) !== 0;
    if ((flags & Flag.more) !== 0 || this.#partial !== undefined) return this.#receiveFragment(flags, payload, last);
    if (last) this.#state = "ended";
    if (payload.length === 0) this.#stream.handler.ended();
    else if (payload.length > this.#port.maxMessageBytes) this.#endRefused(payload.length, last);
    else this.#stream.handler.message(payload, last);
    this.#afterMessage(last);
  }

  receiveBytes(flags: number, payload: Uint8Array): void {
    this.#checkKind(true);
    this.#spend(payload.length);
    const last = (flags & Flag.end) !== 0;
    if (last) this.#state = "ended";
    if (payload.length > 0) {
      this.#unreadBytes += payload.length;
      this.#port.traffic.bytes(this.#stream.id, payload.length);
      this.#stream.handler.bytes(payload);
    }
    if (!last || this.#stream.isLost) return;
    this.#port.traffic.ended(this.#stream.id);
    this.#stream.handler.ended();
    this.#stream.settle();
  }

  /** The peer gave it up. */
  receiveStopped(reset: StreamReset): void {
    if (this.#state !== "open") throw new StreamFault(`RESET of a half that had ended, on stream ${this.#stream.id}`);
    this.drop();
    this.#stream.handler.aborted(reset);
    this.#stream.settle();
  }

  #checkKind(bytes: boolean): void {
    if (this.#state !== "open") throw new StreamFault(`a frame after the end of stream ${this.#stream.id}`);
    if (this.#carriesBytes === undefined) this.#carriesBytes = bytes;
    else if (this.#carriesBytes !== bytes) throw new StreamFault(`both DATA and BYTES on stream ${this.#stream.id}`);
  }

  #spend(bytes: number): void {
    this.#credit -= bytes;
    if (this.#credit < 0)
      throw new StreamFault(`more bytes than the credit of stream ${this.#stream.id} allows`, CloseCode.credit);
  }

  #receiveFragment(flags: number, payload: Uint8Array, last: boolean): void {
    let partial = this.#partial;
    let fragment = payload;
    if (partial === undefined) {
      if (payload.length < 5)
        throw new StreamFault(`a first fragment of ${payload.length} bytes on stream ${this.#stream.id}`);
      partial = new PartialMessage(read32(payload, 0));
      fragment = payload.subarray(4);
      this.#partial = partial;
    }
    if (fragment.length === 0) throw new StreamFault(`an empty fragment on stream ${this.#stream.id}`);
    const more = (flags & Flag.more) !== 0;
    if (fragment.length > partial.missingBytes || (fragment.length === partial.missingBytes) === more) {
      throw new StreamFault(
        `fragments that do not add up to the ${partial.totalBytes} bytes announced, on stream ${this.#stream.id}`,
      );
    }
    const refused = partial.totalBytes > this.#port.maxMessageBytes;
    if (refused) partial.skip(fragment.length);
    else partial.add(fragment);
    if (more && refused) return this.#refuseLarge(partial.totalBytes);
    if (more) return this.#admit(partial);
    if (last) this.#state = "ended";
    const message = partial.take();
    this.#dropPartial();
    if (refused) this.#endRefused(partial.totalBytes, last);
    else this.#stream.handler.message(message, last);
    this.#afterMessage(last);
  }

  /** Asks once for the credit that the rest of the message needs. */
  #admit(partial: PartialMessage): void {
    if (partial.reservation !== undefined || this.#stopSent) return;
    const needed = partial.missingBytes - this.#credit;
    if (needed <= 0) return;
    const grant = (): void => {
      this.#credit += needed;
      this.#port.credit(this.#stream, needed);
    };
    partial.reservation = this.#port.admission(this.#stream).request(needed, grant);
  }

  /** All of a message that is not taken has come. */
  #endRefused(totalBytes: number, last: boolean): void {
    this.#refuseLarge(totalBytes);
    if (last && !this.#stream.isLost) this.#stream.handler.ended();
  }

  #refuseLarge(totalBytes: number): void {
    if (this.#refusedLarge) return;
    this.#refusedLarge = true;
    this.#stream.handler.tooLarge(totalBytes);
    this.#stream.reset(ResetCode.tooLarge);
  }

  #afterMessage(last: boolean): void {
    if (last) this.#stream.settle();
    else this.topUp();
  }

  #dropPartial(): void {
    const reservation = this.#partial?.reservation;
    if (reservation !== undefined) this.#port.admission(this.#stream).release(reservation);
    this.#partial = undefined;
  }
}
