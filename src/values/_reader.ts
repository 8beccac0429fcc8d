import { ErrorCode, PluginError } from "../errors/mod.ts";
import { halfToNumber } from "./_half.ts";
import { NameCache } from "./_name_cache.ts";
import { decodeWtf8 } from "./_wtf8.ts";
import { Major, Tag } from "./tags.ts";

/** Up to this length a loop over ASCII is faster than a call of the runtime's decoder. */
const maxLoopLength = 32;
// A leading U+FEFF is part of the string, not a mark to swallow.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const empty = new Uint8Array(0);

/** Reads the items of CBOR that hold no others out of bytes of which nothing is trusted. RFC 8949 §3. */
export class Reader {
  /** Where the next byte is. */
  at = 0;
  #bytes: Uint8Array<ArrayBuffer> = empty;
  /** Made when the first number that needs it is met. */
  #view: DataView | undefined;
  readonly #names = new NameCache();

  begin(bytes: Uint8Array): void {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#view = undefined;
    this.at = 0;
  }

  /** What was read must not keep the chunk it came in. */
  end(): void {
    this.#bytes = empty;
    this.#view = undefined;
  }

  /** The first byte of the next item. */
  next(): number {
    const at = this.at;
    if (at >= this.#bytes.length) this.fail("the bytes end where a value should begin");
    this.at = at + 1;
    return this.#bytes[at]!;
  }

  /** The key of a map. */
  key(): string {
    const at = this.at;
    const first = this.#bytes[at];
    if (first === undefined) this.fail("the bytes end where a key should begin");
    if (first >> 5 !== Major.text) return this.string("a key that is not a text string");
    this.at = at + 1;
    const length = this.length(first & 0x1f, 1);
    const start = this.at;
    const known = this.#names.find(this.#bytes, start, length);
    if (known !== undefined) {
      this.at = start + length;
      return known;
    }
    const name = this.text(length);
    this.#names.keep(name, this.#bytes, start, length);
    return name;
  }

  /** A text of so many bytes. */
  text(length: number): string {
    const bytes = this.#bytes;
    const start = this.at;
    const end = start + length;
    this.at = end;
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
      this.fail("text that is not valid UTF-8", start);
    }
  }

  /** A view of the next bytes. */
  view(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#bytes.byteOffset + this.at;
    this.at += length;
    // Not subarray(): of a Buffer that is a Buffer, whose slice() copies nothing.
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  /** A string: a text, or WTF-8. @param what It is said to be when it is neither. */
  string(what: string): string {
    const at = this.at;
    const first = this.#bytes[at] ?? 0;
    if (first >> 5 === Major.text) {
      this.at = at + 1;
      return this.text(this.length(first & 0x1f, 1));
    }
    if (first >> 5 === Major.tag && this.tag() === Tag.wtf8) return this.wtf8(at);
    this.fail(what, at);
  }

  /** What follows tag 273: a string in WTF-8. @param start Where the tag is. */
  wtf8(start: number): string {
    const text = decodeWtf8(this.view(this.count(Major.bytes, 1, "a string in WTF-8 that is no byte string")));
    if (text === undefined) this.fail("text that is not valid WTF-8, or is UTF-8", start);
    return text;
  }

  /** The major type of the next item; -1 at the end of the bytes. */
  nextMajor(): number {
    const first = this.#bytes[this.at];
    return first === undefined ? -1 : first >> 5;
  }

  /**
   * Reads the first byte and the argument of an item that must be of this major type.
   *
   * @param least How many bytes one of what is counted takes.
   * @param what It is said to be when it is of another.
   */
  count(major: number, least: number, what: string): number {
    const at = this.at;
    const first = this.#bytes[at];
    if (first === undefined || first >> 5 !== major) this.fail(what, at);
    this.at = at + 1;
    return this.length(first & 0x1f, least);
  }

  /** The number of the tag that comes next. */
  tag(): number | bigint {
    this.at++;
    return this.argument(this.#bytes[this.at - 1]! & 0x1f);
  }

  /** Tells whether the next item is tagged. */
  isTag(): boolean {
    return this.#bytes[this.at]! >> 5 === Major.tag;
  }

  /** Reads the tag of a hole with what it is on, if that is what comes next. */
  isHole(): boolean {
    const at = this.at;
    if (this.tag() !== Tag.hole) {
      this.at = at;
      return false;
    }
    if (this.#bytes[this.at] !== 0xf7) this.fail("a hole that is not undefined", at);
    this.at++;
    return true;
  }

  /** What is left to a major type 7 whose first byte has been read. */
  simple(info: number): unknown {
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
        this.at += 2;
        return halfToNumber((this.#bytes[this.at - 2]! << 8) | this.#bytes[this.at - 1]!);
      case 26:
        this.#need(4);
        this.at += 4;
        return this.#dataView().getFloat32(this.at - 4);
      case 27:
        this.#need(8);
        this.at += 8;
        return this.#dataView().getFloat64(this.at - 8);
      case 31:
        this.fail("a break outside of anything", this.at - 1);
        break;
      default:
        this.fail("a simple value that has no meaning here", this.at - 1);
    }
  }

  /** An integer whose first byte has been read. */
  integer(info: number, negative: boolean): number | bigint {
    const argument = this.argument(info);
    if (typeof argument === "bigint") return negative ? -1n - argument : argument;
    const value = negative ? -1 - argument : argument;
    // The one number whose argument is safe and itself is not: -2^53.
    return Number.isSafeInteger(value) ? value : BigInt(value);
  }

  /** The length of a string or the count of a container, checked against what is left at `least` bytes apiece. */
  length(info: number, least: number): number {
    const start = this.at - 1;
    if (info === 31) this.fail("an indefinite length; every length must be definite", start);
    const length = info < 24 ? info : this.argument(info);
    const left = this.#bytes.length - this.at;
    if (typeof length === "bigint" || length * least > left) {
      this.fail(`a length of ${length} where ${left} bytes are left`, start);
    }
    return length;
  }

  /** The argument of an item's first byte: a number up to 2^53 - 1, a bigint past that. */
  argument(info: number): number | bigint {
    if (info < 24) return info;
    const bytes = this.#bytes;
    const at = this.at;
    switch (info) {
      case 24:
        this.#need(1);
        this.at = at + 1;
        return bytes[at]!;
      case 25:
        this.#need(2);
        this.at = at + 2;
        return (bytes[at]! << 8) | bytes[at + 1]!;
      case 26:
        this.#need(4);
        this.at = at + 4;
        return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      case 27: {
        this.#need(8);
        this.at = at + 8;
        const view = this.#dataView();
        const high = view.getUint32(at);
        if (high > 0x1f_ffff) return view.getBigUint64(at);
        return high * 0x1_0000_0000 + view.getUint32(at + 4);
      }
      default:
        this.fail(`a first byte with the reserved value ${info}`, at - 1);
    }
  }

  #need(count: number): void {
    if (this.#bytes.length - this.at < count) this.fail("the bytes end inside a value");
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  /** @throws PluginError `bad_message` @param at Where the item with the fault begins. */
  fail(what: string, at: number = this.at): never {
    throw new PluginError(ErrorCode.badMessage, `malformed message at byte ${at}: ${what}`);
  }
}
