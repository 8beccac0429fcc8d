/**
 * Writes one item of CBOR in diagnostic notation (RFC 8949 §8). It knows of no profile: what a tag means is not its
 * concern, and what is not well-formed is written as far as it goes, with `…` for the rest.
 */
export function diagnosticOf(bytes: Uint8Array): string {
  const from = new Notation(bytes);
  let text = from.item();
  while (!from.isAtEnd && !from.isBroken) text += `, ${from.item()}`;
  return text;
}

class Notation {
  isBroken = false;
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  item(): string {
    if (this.isAtEnd) return this.#broken();
    const first = this.#bytes[this.#at++]!;
    const major = first >> 5;
    const info = first & 31;
    if (major === 7) return this.#simple(info);
    const argument = this.#argument(info);
    if (argument === undefined) return this.#broken();
    if (major === 0) return String(argument);
    if (major === 1) return String(-1n - argument);
    if (major === 6) return `${argument}(${this.item()})`;
    if (argument > BigInt(this.#bytes.length)) return this.#broken();
    if (major === 2)
      return `h'${this.#take(Number(argument))
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("")}'`;
    if (major === 3) return this.#text(Number(argument));
    return major === 4 ? `[${this.#items(Number(argument), 1)}]` : `{${this.#items(Number(argument), 2)}}`;
  }

  #items(count: number, each: number): string {
    const items: string[] = [];
    for (let i = 0; i < count && !this.isBroken; i++) {
      const item = this.item();
      items.push(each === 2 && !this.isBroken ? `${item}: ${this.item()}` : item);
    }
    return items.join(", ");
  }

  #text(length: number): string {
    const bytes = Uint8Array.from(this.#take(length));
    try {
      // ASCII alone, so that every tool writes the same.
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
      return JSON.stringify(text).replaceAll(/[^ -~]/g, escaped);
    } catch {
      return this.#broken();
    }
  }

  #simple(info: number): string {
    const names: Readonly<Record<number, string>> = { 20: "false", 21: "true", 22: "null", 23: "undefined" };
    if (names[info] !== undefined) return names[info];
    const width = { 25: 2, 26: 4, 27: 8 }[info];
    if (width === undefined || this.#bytes.length - this.#at < width) return this.#broken();
    const at = this.#at;
    this.#at += width;
    const value =
      width === 2
        ? half(this.#view.getUint16(at))
        : width === 4
          ? this.#view.getFloat32(at)
          : this.#view.getFloat64(at);
    const digits = Object.is(value, -0) ? "-0" : String(value);
    const text = /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
    // RFC 8949 §8.1: _1, _2 and _3 tell the 16-bit, 32-bit and 64-bit floats apart.
    return `${text}_${{ 2: 1, 4: 2, 8: 3 }[width]}`;
  }

  #argument(info: number): bigint | undefined {
    if (info < 24) return BigInt(info);
    if (info > 27) return undefined;
    const width = 1 << (info - 24);
    if (this.#bytes.length - this.#at < width) return undefined;
    return this.#take(width).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  #take(count: number): readonly number[] {
    if (this.#bytes.length - this.#at < count) this.isBroken = true;
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return [...taken];
  }

  #broken(): string {
    this.isBroken = true;
    return "…";
  }
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
