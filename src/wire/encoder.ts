import { frameHeaderBytes } from "./frame.ts";

/** Holds what a link takes before it is full (two turns of 32 KiB, with their headers). */
const slabBytes = 66_560;
/** The first slab: a session that has little to say keeps no more. */
const firstSlabBytes = 4_096;
/** A slab with less room than this left is given up rather than filled. */
const leastRoomBytes = 4_096;
/** Slabs kept for further use. */
const maxSpares = 2;

const none = new Uint8Array(0);

/**
 * Writes frames one after another into a slab and gives the slab on in one piece, so that all that is sent in
 * one turn of the event loop leaves in one write. PROTOCOL.md §4.1.
 */
export class FrameEncoder {
  readonly #output: (bytes: Uint8Array) => void;
  readonly #hasTaken: () => boolean;
  #slab: Uint8Array<ArrayBuffer> = none;
  #start = 0;
  #end = 0;
  #isFirst = true;
  /** Full slabs whose bytes were given on. */
  readonly #lent: Uint8Array<ArrayBuffer>[] = [];
  readonly #spares: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param output Takes what {@linkcode FrameEncoder.flush} gives on.
   * @param hasTaken Tells whether nobody looks any more at the bytes given on so far, so that their slabs may be written
   * again: fresh memory costs more than the bytes in it. By default they belong to `output` for good.
   */
  constructor(output: (bytes: Uint8Array) => void, hasTaken: () => boolean = () => false) {
    this.#output = output;
    this.#hasTaken = hasTaken;
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
    this.#output(bytes);
    // Whoever took them may have had more to say at once.
    if (this.#end === this.#start) this.#recycle();
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
      if (this.#end + length > this.#slab.length) this.#renew(length);
    }
    const at = this.#end;
    this.#end += length;
    return at;
  }

  /** Begins the slab anew if it may be; else gives it up once there is little room left. */
  #recycle(): void {
    if (this.#hasTaken()) {
      for (const slab of this.#lent) if (this.#spares.length < maxSpares) this.#spares.push(slab);
      this.#lent.length = 0;
      this.#start = 0;
      this.#end = 0;
      // One large frame must not keep its memory for ever.
      if (this.#slab.length > slabBytes) this.#slab = none;
    } else if (this.#slab.length - this.#end < leastRoomBytes) {
      this.#lend();
    }
  }

  #lend(): void {
    if (this.#slab.length === slabBytes && this.#lent.length < maxSpares) this.#lent.push(this.#slab);
    this.#slab = none;
    this.#start = 0;
    this.#end = 0;
  }

  /** Called with nothing pending. */
  #renew(length: number): void {
    this.#recycle();
    if (length <= this.#slab.length - this.#end) return;
    this.#lend();
    const least = this.#isFirst ? firstSlabBytes : slabBytes;
    this.#isFirst = false;
    this.#slab = (length <= slabBytes ? this.#spares.pop() : undefined) ?? new Uint8Array(Math.max(least, length));
  }

  #write32(at: number, value: number): void {
    this.#slab[at] = value >>> 24;
    this.#slab[at + 1] = value >>> 16;
    this.#slab[at + 2] = value >>> 8;
    this.#slab[at + 3] = value;
  }
}
