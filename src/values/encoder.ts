import { ErrorCode, PluginError } from "../errors/mod.ts";
import { bytesOfBigint } from "./_bigint.ts";
import { formatPath } from "./_path.ts";
import { kindOf } from "./_plain.ts";
import { describeForeignValue, refusal, tooDeep } from "./_refusal.ts";
import type { ReferenceSink } from "./references.ts";
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

/**
 * Writes JavaScript values as CBOR, and refuses what would not arrive as it was. One pass: each value is checked
 * where it is written. PROTOCOL.md §6.
 */
export class ValueEncoder {
  readonly #maxDepth: number;
  readonly #maxBytes: number;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Where the message under way begins, and where its next byte goes. */
  #start = 0;
  #at = 0;
  #depth = 0;
  #nextSlabBytes = firstSlabBytes;
  /** The way down to the value being written. Longer than `#depth` when an earlier one went deeper. */
  readonly #keys: (string | number)[] = [];
  #root: unknown;
  #places: readonly string[] | undefined;
  #busy = false;
  #sink: ReferenceSink | undefined;

  constructor(maxDepth: number, maxBytes: number) {
    this.#maxDepth = maxDepth;
    this.#maxBytes = maxBytes;
  }

  encode(value: unknown, places?: readonly string[], sink?: ReferenceSink): Uint8Array {
    // A getter in a value may itself send something: that message must not land inside this one.
    if (this.#busy) return new ValueEncoder(this.#maxDepth, this.#maxBytes).encode(value, places, sink);
    if (this.#bytes.length - this.#at < leastRoomBytes) {
      this.#renew(this.#nextSlabBytes);
      this.#nextSlabBytes = slabBytes;
    }
    this.#start = this.#at;
    this.#depth = 0;
    this.#root = value;
    this.#places = places;
    this.#busy = true;
    this.#sink = sink;
    let done = false;
    try {
      this.#value(value);
      if (sink !== undefined) this.#splice(sink.list());
      if (this.#at - this.#start > this.#maxBytes) this.#tooLarge();
      done = true;
      return this.#bytes.subarray(this.#start, this.#at);
    } finally {
      this.#busy = false;
      this.#root = undefined;
      this.#sink = undefined;
      if (!done) this.#at = this.#start;
      // One large message must not keep its memory for ever.
      if (this.#bytes.length > slabBytes) this.#renew(0);
    }
  }

  #value(value: unknown): void {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "object" && value !== null) return this.#object(value);
    this.#reserve(1);
    if (value === undefined) this.#bytes[this.#at++] = 0xf7;
    else if (value === null) this.#bytes[this.#at++] = 0xf6;
    else if (value === true) this.#bytes[this.#at++] = 0xf5;
    else if (value === false) this.#bytes[this.#at++] = 0xf4;
    else if (typeof value === "bigint") this.#bigint(value);
    else this.#foreign(value);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value > 0) return this.#head(Major.unsigned, value);
      if (value < 0) return this.#head(Major.negative, -1 - value);
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

  #bigint(value: bigint): void {
    if (value >= 0n) {
      this.#head(Major.tag, Tag.bigint);
      this.#byteString(bytesOfBigint(value));
    } else {
      this.#head(Major.tag, Tag.negativeBigint);
      this.#byteString(bytesOfBigint(-1n - value));
    }
  }

  #object(value: object): void {
    if (this.#sink?.marked?.has(value) === true && this.#byReference(value)) return;
    switch (kindOf(value)) {
      case "array":
        return this.#array(value as readonly unknown[]);
      case "object":
        return this.#map(value as Readonly<Record<string, unknown>>);
      case "bytes":
        return this.#byteString(value as Uint8Array);
      case "date":
        return this.#date(value as Date);
      case "other":
        return this.#foreign(value);
    }
  }

  #array(value: readonly unknown[]): void {
    const depth = this.#enter();
    const length = value.length;
    this.#head(Major.array, length);
    for (let i = 0; i < length; i++) {
      this.#keys[depth] = i;
      const element = value[i];
      if (element === undefined && !(i in value)) this.#refuse("a hole in a sparse array", depth + 1);
      this.#value(element);
    }
    this.#depth = depth;
  }

  #map(value: Readonly<Record<string, unknown>>): void {
    // structuredClone drops them in silence; here what does not arrive is refused.
    const symbols = Object.getOwnPropertySymbols(value);
    if (symbols.length > 0) return this.#foreign(value, `an object with the symbol ${String(symbols[0])} for a key`);
    const names = Object.keys(value);
    // Functions met later are not looked for: an object of functions has one where its first value is.
    if (this.#sink !== undefined && names.length > 0 && typeof value[names[0]!] === "function") {
      if (hasOnlyFunctions(value, names) && this.#byReference(value)) return;
    }
    const depth = this.#enter();
    this.#head(Major.map, names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      this.#keys[depth] = name;
      this.#text(name);
      this.#value(value[name]);
    }
    this.#depth = depth;
  }

  /** What is no data crosses by reference or not at all. */
  #foreign(value: unknown, what?: string): void {
    if (typeof value !== "symbol" && this.#byReference(value as object)) return;
    this.#refuse(what ?? describeForeignValue(value));
  }

  #byReference(value: object): boolean {
    const depth = this.#depth;
    const index = this.#sink?.add(value, () => formatPath(this.#places, this.#keys.slice(0, depth)));
    if (index === undefined) return false;
    this.#head(Major.tag, Tag.reference);
    this.#head(Major.unsigned, index);
    return true;
  }

  /** Puts the list of the references where the message has null for it. */
  #splice(list: readonly unknown[] | undefined): void {
    if (list === undefined) return;
    if (this.#bytes[this.#start + 1] !== 0xf6) throw new TypeError("a message with references begins with null");
    this.#sink = undefined;
    this.#depth = 1;
    const length = this.#at - this.#start;
    this.#value(list);
    const start = this.#start;
    const encoded = this.#bytes.slice(start + length, this.#at);
    this.#bytes.copyWithin(start + 1 + encoded.length, start + 2, start + length);
    this.#bytes.set(encoded, start + 1);
    this.#at--;
  }

  #enter(): number {
    const depth = this.#depth;
    if (depth >= this.#maxDepth) throw tooDeep(this.#places, this.#root, this.#keys.slice(0, depth), this.#maxDepth);
    this.#depth = depth + 1;
    return depth;
  }

  #date(value: Date): void {
    this.#head(Major.tag, Tag.epochDate);
    this.#number(value.getTime() / 1000);
  }

  #byteString(value: Uint8Array): void {
    this.#head(Major.bytes, value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #text(value: string): void {
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
    if (!value.isWellFormed()) this.#refuse("a string with a lone surrogate");
    if (value.length > this.#maxBytes) this.#tooLarge();
    // The header's size depends on a length that is known only afterwards: leave room for the largest.
    this.#reserve(value.length + maxHeadBytes);
    let room = this.#at + maxHeadBytes;
    let { read, written } = utf8.encodeInto(value, this.#bytes.subarray(room));
    if (read < value.length) {
      this.#reserve(value.length * 3 + maxHeadBytes);
      room = this.#at + maxHeadBytes;
      ({ read, written } = utf8.encodeInto(value, this.#bytes.subarray(room)));
    }
    this.#head(Major.text, written);
    this.#bytes.copyWithin(this.#at, room, room + written);
    this.#at += written;
  }

  /** Writes the first byte of an item and its argument in the fewest bytes. RFC 8949 §3. */
  #head(major: number, argument: number): void {
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
    this.#start = 0;
    this.#at = length;
  }

  #renew(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
    this.#start = 0;
    this.#at = 0;
  }

  #refuse(what: string, depth: number = this.#depth): never {
    throw refusal(this.#places, this.#keys.slice(0, depth), what);
  }

  #tooLarge(): never {
    throw new PluginError(
      ErrorCode.tooLarge,
      `cannot send a message of more than ${this.#maxBytes} bytes (maxMessageBytes); send large data as a byte stream, or raise the limit on both sides`,
    );
  }
}

function hasOnlyFunctions(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "function" || value[name] === undefined);
}
