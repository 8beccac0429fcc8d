import fc from "fast-check";
import { ValueCodec, type ValueOptions } from "../../src/values/mod.ts";

/** A codec with the limits most tests want. */
export function newCodec(maxDepth = 100, maxMessageBytes = 1 << 20, options?: ValueOptions): ValueCodec {
  return new ValueCodec({ maxDepth, maxMessageBytes }, options);
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

/** Any value of the types that need no tag but those of RFC 8949, of any shape. */
export const plainValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 6 }).map(ownEntries),
  ),
})).value;

const bytes = fc.uint8Array({ maxLength: 64 });

/** A typed array of the class, at any place of a buffer that may be larger. */
function viewOf(
  View: new (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView,
  width: number,
): fc.Arbitrary<ArrayBufferView> {
  return fc.tuple(bytes, fc.nat(3), fc.nat(8)).map(([content, before, count]) => {
    const buffer = new ArrayBuffer((before + count) * width);
    new Uint8Array(buffer).set(content.subarray(0, buffer.byteLength));
    return new View(buffer, before * width, count);
  });
}

const binary = fc.oneof(
  viewOf(Int8Array, 1),
  viewOf(Uint8ClampedArray, 1),
  viewOf(Int16Array, 2),
  viewOf(Uint16Array, 2),
  viewOf(Int32Array, 4),
  viewOf(Uint32Array, 4),
  viewOf(BigInt64Array, 8),
  viewOf(BigUint64Array, 8),
  viewOf(Float16Array, 2),
  viewOf(Float32Array, 4),
  viewOf(Float64Array, 8),
  viewOf(DataView, 1),
  bytes.map((content) => content.slice().buffer),
);

const anyText = fc.oneof(
  text,
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 80 }),
  fc.constantFrom("\uD800", "\uDC00\uD800", `${"x".repeat(70)}\uDFFF`, "😀\uD83D", "\uFFFF\uD800\uFFFF"),
);

const regexp = fc
  .tuple(
    fc.constantFrom("", "a/b", "[\\/]\\/", "^(?<year>\\d{4})$", "\n", "ü|水", "(?:)", "."),
    fc.subarray(["d", "g", "i", "m", "s", "y"]),
    fc.constantFrom("", "u", "v"),
    fc.nat(3),
  )
  .map(([source, flags, mode, lastIndex]) => {
    return Object.assign(new RegExp(source, flags.join("") + mode), { lastIndex });
  });

const url = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }).map((href) => new URL(href)),
  fc.constantFrom("file:///tmp/ä b", "data:,x", "http://[::1]:8080/", "urn:x:y").map((href) => new URL(href)),
);

const nativeErrors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

/** An error that keeps what the runtimes write of a stack apart from what is compared. */
function errorOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Error> {
  const option = { nil: undefined, freq: 2 };
  const plain = fc
    .tuple(
      fc.constantFrom(...nativeErrors),
      fc.option(anyText, option),
      fc.option(fc.record({ cause: value }), option),
      fc.option(fc.constantFrom("NotFound", "Ünknown", "__proto__"), option),
      fc.array(fc.tuple(fc.oneof(anyText, fc.constantFrom("code", "cause")), value), { maxLength: 3 }),
    )
    .map(([Class, message, options, name, fields]) => {
      const error = options === undefined ? new Class(message) : new Class(message, options);
      if (name !== undefined) Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
      for (const [key, field] of fields) {
        // A field of one of these names says what the error says by itself.
        if (key === "message" || key === "name" || key === "stack" || Object.hasOwn(error, key)) continue;
        Object.defineProperty(error, key, { value: field, writable: true, enumerable: true, configurable: true });
      }
      return error;
    });
  const aggregate = fc
    .tuple(fc.array(value, { maxLength: 3 }), anyText)
    .map(([errors, message]) => new AggregateError(errors, message));
  return fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: aggregate });
}

/** What only arrays can have: elements that are not there. */
function sparse(elements: readonly unknown[], holes: readonly number[]): unknown[] {
  const array = [...elements];
  for (const hole of holes) delete array[hole % (array.length + 1)];
  if (holes.length > 2) array.length += 2;
  return array;
}

/** Any value that crosses, of any type and shape. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => {
  const values = fc.array(tie("value"), { maxLength: 6 });
  const some = fc.array(tie("value"), { maxLength: 4 });
  return {
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 1, arbitrary: anyText },
      { weight: 2, arbitrary: binary },
      { weight: 1, arbitrary: regexp },
      { weight: 1, arbitrary: url },
      { weight: 3, arbitrary: values },
      {
        weight: 1,
        arbitrary: fc.tuple(values, fc.array(fc.nat(6), { maxLength: 4 })).map(([all, holes]) => sparse(all, holes)),
      },
      { weight: 3, arbitrary: fc.array(fc.tuple(anyText, tie("value")), { maxLength: 6 }).map(ownEntries) },
      {
        weight: 2,
        arbitrary: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((all) => new Map(all)),
      },
      { weight: 2, arbitrary: some.map((all) => new Set(all)) },
      { weight: 2, arbitrary: errorOf(tie("value")) },
    ),
  };
}).value;

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
