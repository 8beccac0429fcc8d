import { ErrorCode, PluginError } from "../errors/mod.ts";
import { bytesOfBigint } from "./_bigint.ts";
import { encodeWtf8 } from "./_wtf8.ts";
import { Major, Tag } from "./tags.ts";

/** Messages are written one after another into a slab of this size; each is given out as a view. */
const slabBytes = 32_768;
/** The first slab: a session that has little to say keeps no more. */
const firstSlabBytes = 4_096;
/** A slab with less room than this left is given up rather than filled. */
const leastRoomBytes = 1_024;
/** Past this length the runtime's UTF-8 encoder is faster than a loop. */
const maxLoopLength = 64;
/** The longest first byte with its argument. */
const maxHeadBytes = 9;

const utf8 = new TextEncoder();

/** Writes the items of CBOR that hold no others, each in one form only. RFC 8949 §3. */
export class Writer {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Where the message under way begins, and where its next byte goes. */
  #start = 0;
  #at = 0;
  #nextSlabBytes = firstSlabBytes;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Begins a message. */
  begin(): void {
    if (this.#bytes.length - this.#at < leastRoomBytes) {
      this.#renew(this.#nextSlabBytes);
      this.#nextSlabBytes = slabBytes;
    }
    this.#start = this.#at;
  }

  /** Gives out the message. @throws PluginError `too_large` */
  finish(): Uint8Array {
    if (this.#at - this.#start > this.#maxBytes) this.#tooLarge();
    const message = this.#bytes.subarray(this.#start, this.#at);
    this.#start = this.#at;
    this.#shrink();
    return message;
  }

  /** Forgets the message, as if none of it had been written. */
  discard(): void {
    this.#at = this.#start;
    this.#shrink();
  }

  /** How many bytes the message has so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Takes what was written since `length` to where the byte at `offset` is, and that byte away. */
  moveBack(length: number, offset: number): void {
    const from = this.#start + length;
    const to = this.#start + offset;
    const moved = this.#bytes.slice(from, this.#at);
    this.#bytes.copyWithin(to + moved.length, to + 1, from);
    this.#bytes.set(moved, to);
    this.#at--;
  }

  /** An item of one byte. */
  simple(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  /** What stands for an element that an array does not have. */
  hole(): void {
    this.head(Major.tag, Tag.hole);
    this.simple(0xf7);
  }

  number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value > 0) return this.head(Major.unsigned, value);
      if (value < 0) return this.head(Major.negative, -1 - value);
      this.#reserve(3);
      if (1 / value > 0) this.#bytes[this.#at++] = 0;
      else this.#half(0x8000);
      return;
    }
    this.#reserve(9);
    if (Number.isFinite(value)) {
      const at = this.#at;
      this.#bytes[at] = 0xfb;
      this.#view.setFloat64(at + 1, value);
      this.#at = at + 9;
    } else if (value === Infinity) this.#half(0x7c00);
    else if (value === -Infinity) this.#half(0xfc00);
    else this.#half(0x7e00);
  }

  #half(bits: number): void {
    const bytes = this.#bytes;
    bytes[this.#at++] = 0xf9;
    bytes[this.#at++] = bits >> 8;
    bytes[this.#at++] = bits;
  }

  bigint(value: bigint): void {
    this.head(Major.tag, value >= 0n ? Tag.bigint : Tag.negativeBigint);
    this.byteString(bytesOfBigint(value >= 0n ? value : -1n - value));
  }

  byteString(value: Uint8Array): void {
    if (value.length > this.#maxBytes) this.#tooLarge();
    this.head(Major.bytes, value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  text(value: string): void {
    const length = value.length;
    if (length > maxLoopLength) return this.#longText(value);
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    if (length < 24) bytes[at++] = 0x60 | length;
    else {
      bytes[at++] = 0x78;
      bytes[at++] = length;
    }
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return this.#longText(value);
      bytes[at++] = unit;
    }
    this.#at = at;
  }

  #longText(value: string): void {
    if (value.length > this.#maxBytes) this.#tooLarge();
    if (!value.isWellFormed()) {
      this.head(Major.tag, Tag.wtf8);
      return this.byteString(encodeWtf8(value));
    }
    // The header's size depends on a length that is known only afterwards: leave room for the largest.
    this.#reserve(value.length + maxHeadBytes);
    let room = this.#at + maxHeadBytes;
    let { read, written } = utf8.encodeInto(value, this.#bytes.subarray(room));
    if (read < value.length) {
      this.#reserve(value.length * 3 + maxHeadBytes);
      room = this.#at + maxHeadBytes;
      ({ read, written } = utf8.encodeInto(value, this.#bytes.subarray(room)));
    }
    this.head(Major.text, written);
    this.#bytes.copyWithin(this.#at, room, room + written);
    this.#at += written;
  }

  /** Writes the first byte of an item and its argument in the fewest bytes. RFC 8949 §3. */
  head(major: number, argument: number): void {
    this.#reserve(maxHeadBytes);
    const bytes = this.#bytes;
    const type = major << 5;
    if (argument < 24) {
      bytes[this.#at++] = type | argument;
    } else if (argument < 0x100) {
      bytes[this.#at++] = type | 24;
      bytes[this.#at++] = argument;
    } else if (argument < 0x1_0000) {
      bytes[this.#at++] = type | 25;
      bytes[this.#at++] = argument >> 8;
      bytes[this.#at++] = argument;
    } else if (argument < 0x1_0000_0000) {
      bytes[this.#at] = type | 26;
      this.#view.setUint32(this.#at + 1, argument);
      this.#at += 5;
    } else {
      bytes[this.#at] = type | 27;
      this.#view.setUint32(this.#at + 1, Math.floor(argument / 0x1_0000_0000));
      this.#view.setUint32(this.#at + 5, argument % 0x1_0000_0000);
      this.#at += 9;
    }
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const length = this.#at - this.#start;
    if (length > this.#maxBytes) this.#tooLarge();
    const message = this.#bytes.subarray(this.#start, this.#at);
    this.#renew(Math.max(slabBytes, length * 2 + count + leastRoomBytes));
    this.#bytes.set(message);
    this.#at = length;
  }

  /** One large message must not keep its memory for ever. */
  #shrink(): void {
    if (this.#bytes.length > slabBytes) this.#renew(0);
  }

  #renew(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
    this.#start = 0;
    this.#at = 0;
  }

  #tooLarge(): never {
    throw new PluginError(
      ErrorCode.tooLarge,
      `cannot send a message of more than ${this.#maxBytes} bytes (maxMessageBytes); send large data as a byte stream, or raise the limit on both sides`,
    );
  }
}
