import { ErrorCode, PluginError } from "../errors/mod.ts";
import { bigintOfBytes } from "./_bigint.ts";
import { dateOfSeconds } from "./_date.ts";
import { halfToNumber } from "./_half.ts";
import { NameCache } from "./_name_cache.ts";
import type { ReferenceSource } from "./references.ts";
import { Major, Tag } from "./tags.ts";

/** Up to this length a loop over ASCII is faster than a call of the runtime's decoder. */
const maxLoopLength = 32;
// A leading U+FEFF is part of the string, not a mark to swallow.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads values out of bytes of which nothing is trusted: strict, in one pass, with no memory taken for a length
 * that the bytes do not bear out. PROTOCOL.md §6.
 */
export class ValueDecoder {
  readonly #maxDepth: number;
  readonly #maxBytes: number;
  readonly #maxValues: number;
  /** What may still be taken. */
  #left = 0;
  #bytes = new Uint8Array(0);
  /** Made when the first number that needs it is met. */
  #view: DataView | undefined;
  #at = 0;
  #depth = 0;
  #source: ReferenceSource | undefined;
  readonly #names = new NameCache();

  constructor(maxDepth: number, maxBytes: number, maxValues: number) {
    this.#maxValues = maxValues;
    this.#maxDepth = maxDepth;
    this.#maxBytes = maxBytes;
  }

  /** @param source Makes the value a message: an array whose first item lists its references. */
  decode(bytes: Uint8Array, source?: ReferenceSource): unknown {
    if (bytes.length > this.#maxBytes) {
      throw new PluginError(
        ErrorCode.tooLarge,
        `a message of ${bytes.length} bytes is refused: at most ${this.#maxBytes} are taken (maxMessageBytes)`,
      );
    }
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#view = undefined;
    this.#at = 0;
    this.#depth = 0;
    this.#left = this.#maxValues;
    try {
      const value = source === undefined ? this.#item() : this.#message(source);
      if (this.#at < bytes.length) this.#fail(`${bytes.length - this.#at} bytes after the end of the value`);
      return value;
    } finally {
      // What was read must not keep the chunk it came in.
      this.#bytes = empty;
      this.#source = undefined;
      this.#view = undefined;
    }
  }

  #message(source: ReferenceSource): unknown[] {
    const first = this.#bytes[0];
    if (first === undefined || first >> 5 !== Major.array || first === 0x80) {
      this.#fail("no array that begins with its references");
    }
    this.#at = 1;
    const length = this.#length(first & 0x1f, 1);
    this.#enter();
    this.#take(8 + length);
    const message: unknown[] = [this.#item()];
    source.begin(message[0]);
    // Only now: the list itself holds none.
    this.#source = source;
    for (let i = 1; i < length; i++) message.push(this.#item());
    this.#depth--;
    return message;
  }

  #item(): unknown {
    const at = this.#at;
    if (at >= this.#bytes.length) this.#fail("the bytes end where a value should begin");
    const first = this.#bytes[at]!;
    this.#at = at + 1;
    const info = first & 0x1f;
    switch (first >> 5) {
      case Major.unsigned:
        return info < 24 ? info : this.#integer(info, false);
      case Major.negative:
        return info < 24 ? -1 - info : this.#integer(info, true);
      case Major.bytes:
        this.#take(32);
        return this.#byteString(this.#length(info, 1)).slice();
      case Major.text:
        this.#take(2);
        return this.#text(this.#length(info, 1));
      case Major.array:
        return this.#array(this.#length(info, 1));
      case Major.map:
        return this.#map(this.#length(info, 2));
      case Major.tag:
        this.#take(32);
        return this.#tagged(at, this.#argument(info));
      default:
        return this.#simple(info);
    }
  }

  /** Memory and time follow the values, of which a byte can be one. */
  #take(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    const text = `a message of more values than are taken (limits.maxValues, ${this.#maxValues}); send large data as bytes`;
    throw new PluginError(ErrorCode.tooLarge, text);
  }

  #array(length: number): unknown[] {
    this.#enter();
    this.#take(8 + length);
    // Not made at its full length: nested arrays could each claim all the bytes that are left.
    const array: unknown[] = [];
    for (let i = 0; i < length; i++) array.push(this.#item());
    this.#depth--;
    return array;
  }

  #map(length: number): Record<string, unknown> {
    this.#enter();
    this.#take(16 + 2 * length);
    const object: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const at = this.#at;
      const key = this.#key();
      const value = this.#item();
      if (!(key in object)) {
        object[key] = value;
        continue;
      }
      if (Object.hasOwn(object, key)) this.#fail(`the key ${JSON.stringify(key)} for the second time`, at);
      // Assigning to an inherited name could run a setter (`__proto__`) or fail (a frozen prototype).
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    }
    this.#depth--;
    return object;
  }

  #key(): string {
    const at = this.#at;
    const first = this.#bytes[at];
    if (first === undefined) this.#fail("the bytes end where a key should begin");
    if (first >> 5 !== Major.text) this.#fail("a key that is not a text string");
    this.#at = at + 1;
    const length = this.#length(first & 0x1f, 1);
    const start = this.#at;
    const known = this.#names.find(this.#bytes, start, length);
    if (known !== undefined) {
      this.#at = start + length;
      return known;
    }
    const name = this.#text(length);
    this.#names.keep(name, this.#bytes, start, length);
    return name;
  }

  #enter(): void {
    if (++this.#depth > this.#maxDepth) this.#fail(`nesting deeper than ${this.#maxDepth} levels`, this.#at - 1);
  }

  #text(length: number): string {
    const bytes = this.#bytes;
    const start = this.#at;
    const end = start + length;
    this.#at = end;
    if (length <= maxLoopLength) {
      const units = new Array<number>(length);
      let i = 0;
      for (; i < length; i++) {
        const byte = bytes[start + i]!;
        if (byte > 0x7f) break;
        units[i] = byte;
      }
      if (i === length) return String.fromCharCode.apply(null, units);
    }
    try {
      return utf8.decode(bytes.subarray(start, end));
    } catch {
      this.#fail("text that is not valid UTF-8", start);
    }
  }

  /** A view of the next bytes. */
  #byteString(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#bytes.byteOffset + this.#at;
    this.#at += length;
    // Not subarray(): of a Buffer that is a Buffer, whose slice() copies nothing.
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  #tagged(start: number, tag: number | bigint): unknown {
    switch (tag) {
      case Tag.epochDate:
        return this.#date(start);
      case Tag.bigint:
        return this.#bigint(false);
      case Tag.negativeBigint:
        return this.#bigint(true);
      case Tag.reference:
        return this.#reference(start);
      default:
        this.#fail(`tag ${tag}, which has no meaning here`, start);
    }
  }

  #reference(start: number): unknown {
    if (this.#source === undefined) this.#fail("a reference where none can be", start);
    if ((this.#bytes[this.#at] ?? 0xff) >> 5 !== Major.unsigned) this.#fail("a reference without an index", start);
    const index = this.#item();
    if (typeof index !== "number") this.#fail("a reference without an index", start);
    return this.#source.at(index);
  }

  #date(start: number): Date {
    const major = (this.#bytes[this.#at] ?? 0xff) >> 5;
    const seconds =
      major === Major.unsigned || major === Major.negative || major === Major.simple ? this.#item() : null;
    if (typeof seconds !== "number") this.#fail("a date that is not a number of seconds", start);
    const date = dateOfSeconds(seconds);
    if (date === undefined) this.#fail("a date beyond what Date holds", start);
    return date;
  }

  #bigint(negative: boolean): bigint {
    const start = this.#at;
    const first = this.#bytes[start] ?? 0;
    if (first >> 5 !== Major.bytes) this.#fail("a bigint that is not a byte string", start);
    this.#at = start + 1;
    const bytes = this.#byteString(this.#length(first & 0x1f, 1));
    try {
      const value = bigintOfBytes(bytes);
      return negative ? -1n - value : value;
    } catch {
      this.#fail(`a bigint of ${bytes.length} bytes, more than this runtime holds`, start);
    }
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        this.#need(2);
        this.#at += 2;
        return halfToNumber((this.#bytes[this.#at - 2]! << 8) | this.#bytes[this.#at - 1]!);
      case 26:
        this.#need(4);
        this.#at += 4;
        return this.#dataView().getFloat32(this.#at - 4);
      case 27:
        this.#need(8);
        this.#at += 8;
        return this.#dataView().getFloat64(this.#at - 8);
      case 31:
        this.#fail("a break outside of anything", this.#at - 1);
        break;
      default:
        this.#fail("a simple value that has no meaning here", this.#at - 1);
    }
  }

  #integer(info: number, negative: boolean): number | bigint {
    const argument = this.#argument(info);
    if (typeof argument === "bigint") return negative ? -1n - argument : argument;
    const value = negative ? -1 - argument : argument;
    // The one number whose argument is safe and itself is not: -2^53.
    return Number.isSafeInteger(value) ? value : BigInt(value);
  }

  /** The length of a string or the count of a container, checked against what is left at `least` bytes apiece. */
  #length(info: number, least: number): number {
    const start = this.#at - 1;
    if (info === 31) this.#fail("an indefinite length; every length must be definite", start);
    const length = info < 24 ? info : this.#argument(info);
    const left = this.#bytes.length - this.#at;
    if (typeof length === "bigint" || length * least > left) {
      this.#fail(`a length of ${length} where ${left} bytes are left`, start);
    }
    return length;
  }

  /** The argument of an item's first byte: a number up to 2^53 - 1, a bigint past that. */
  #argument(info: number): number | bigint {
    if (info < 24) return info;
    const bytes = this.#bytes;
    const at = this.#at;
    switch (info) {
      case 24:
        this.#need(1);
        this.#at = at + 1;
        return bytes[at]!;
      case 25:
        this.#need(2);
        this.#at = at + 2;
        return (bytes[at]! << 8) | bytes[at + 1]!;
      case 26:
        this.#need(4);
        this.#at = at + 4;
        return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      case 27: {
        this.#need(8);
        this.#at = at + 8;
        const view = this.#dataView();
        const high = view.getUint32(at);
        if (high > 0x1f_ffff) return view.getBigUint64(at);
        return high * 0x1_0000_0000 + view.getUint32(at + 4);
      }
      default:
        this.#fail(`a first byte with the reserved value ${info}`, at - 1);
    }
  }

  #need(count: number): void {
    if (this.#bytes.length - this.#at < count) this.#fail("the bytes end inside a value");
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  #fail(what: string, at: number = this.#at): never {
    throw new PluginError(ErrorCode.badMessage, `malformed message at byte ${at}: ${what}`);
  }
}

const empty = new Uint8Array(0);
