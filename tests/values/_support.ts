import fc from "fast-check";
import { ValueCodec } from "../../src/values/mod.ts";

/** A codec with the limits most tests want. */
export function newCodec(maxDepth = 100, maxMessageBytes = 1 << 20): ValueCodec {
  return new ValueCodec({ maxDepth, maxMessageBytes });
}

/** Bytes as two hex digits each. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hex digits; white space is for the reader. */
export function fromHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(/\s/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom("__proto__", "constructor", "toString", "\uFEFFmark", "\0", "", "ä".repeat(40), "€".repeat(9000)),
);
const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    -(2 ** 53),
    2 ** 64,
    5e-324,
    1.1,
    0.5,
    65_535,
    65_536,
    2 ** 32,
  ),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  text,
  fc.uint8Array({ maxLength: 300 }),
  fc.date({ noInvalidDate: false }),
);

/** Any value that crosses, of any shape. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 6 }).map(ownEntries),
  ),
})).value;

/** An object with these own properties, whatever they are called. */
export function ownEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

/** Random numbers from 0 to 2^32 - 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
