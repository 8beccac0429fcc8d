import { frameHeaderBytes } from "./frame.ts";

const slabBytes = 65_536;
/** A slab with less room than this left is given up rather than filled. */
const leastRoomBytes = 4_096;

/**
 * Writes frames one after another into a slab and gives the slab on in one piece, so that all that is sent in
 * one turn of the event loop leaves in one write. PROTOCOL.md §4.1.
 */
export class FrameEncoder {
  readonly #output: (bytes: Uint8Array) => void;
  #slab = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** @param output Takes what {@linkcode FrameEncoder.flush} gives on; the bytes are its own from then. */
  constructor(output: (bytes: Uint8Array) => void) {
    this.#output = output;
  }

  /** Bytes written and not yet given on. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Writes a frame whose payload is `payload`. */
  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const at = this.#begin(type, flags, streamId, payload.length);
    this.#slab.set(payload, at);
  }

  /** Writes a frame with no payload but a number of 32 bits. */
  frame32(type: number, flags: number, streamId: number, value: number): void {
    const at = this.#begin(type, flags, streamId, 4);
    this.#write32(at, value);
  }

  /** Writes a frame that begins with a number of 32 bits, then the payload. */
  prefixed(type: number, flags: number, streamId: number, value: number, payload: Uint8Array): void {
    const at = this.#begin(type, flags, streamId, 4 + payload.length);
    this.#write32(at, value);
    this.#slab.set(payload, at + 4);
  }

  /** Writes bytes that are no frame (the preface). */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#slab.set(bytes, at);
  }

  /** Gives on all that is pending. */
  flush(): void {
    if (this.#end === this.#start) return;
    const bytes = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    if (this.#slab.length - this.#end < leastRoomBytes) this.#renew(0);
    this.#output(bytes);
  }

  /** Writes a header and gives the place in the slab for the payload that belongs to it. */
  #begin(type: number, flags: number, streamId: number, length: number): number {
    const at = this.#reserve(frameHeaderBytes + length);
    const slab = this.#slab;
    slab[at] = length >>> 16;
    slab[at + 1] = length >>> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = flags;
    slab[at + 5] = streamId >>> 24;
    slab[at + 6] = streamId >>> 16;
    slab[at + 7] = streamId >>> 8;
    slab[at + 8] = streamId;
    return at + frameHeaderBytes;
  }

  #reserve(length: number): number {
    if (this.#end + length > this.#slab.length) {
      this.flush();
      if (this.#end + length > this.#slab.length) this.#renew(Math.max(slabBytes, length));
    }
    const at = this.#end;
    this.#end += length;
    return at;
  }

  #renew(length: number): void {
    this.#slab = new Uint8Array(length);
    this.#start = 0;
    this.#end = 0;
  }

  #write32(at: number, value: number): void {
    this.#slab[at] = value >>> 24;
    this.#slab[at + 1] = value >>> 16;
    this.#slab[at + 2] = value >>> 8;
    this.#slab[at + 3] = value;
  }
}
