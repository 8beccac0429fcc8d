import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newCodec, ownEntries } from "./_support.ts";

const codec = newCodec();
const pass = (value: unknown): unknown => codec.decode(codec.encode(value));

const numbers = [
  0,
  -0,
  1,
  -1,
  23,
  24,
  -24,
  -25,
  255,
  256,
  -256,
  -257,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  -(2 ** 31),
  -(2 ** 32),
  -(2 ** 32) - 1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 + 2,
  1e21,
  1e300,
  0.1,
  0.5,
  -1.5,
  1 / 3,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.EPSILON,
  NaN,
  Infinity,
  -Infinity,
];

for (const number of numbers) {
  test(`the number ${Object.is(number, -0) ? "-0" : number} arrives as it was`, () => {
    assert.ok(Object.is(pass(number), number));
  });
}

const bigints = [
  0n,
  1n,
  -1n,
  255n,
  256n,
  -256n,
  -257n,
  2n ** 53n,
  2n ** 64n - 1n,
  2n ** 64n,
  -(2n ** 64n),
  10n ** 400n,
  -(10n ** 400n),
];

for (const bigint of bigints) {
  test(`the bigint ${String(bigint).slice(0, 24)} arrives as a bigint`, () => {
    assert.equal(pass(bigint), bigint);
  });
}

const strings = [
  "",
  "a",
  "World",
  "x".repeat(23),
  "x".repeat(24),
  "x".repeat(255),
  "x".repeat(256),
  "y".repeat(70_000),
  "ä",
  "€",
  "😀",
  "😀".repeat(8),
  "ß".repeat(33),
  "€".repeat(50_000),
  "\uFEFF",
  `\uFEFF${"x".repeat(100)}`,
  "\0\x7f\x80\uFFFF",
];

for (const string of strings) {
  test(`a string of ${string.length} units beginning ${JSON.stringify(string.slice(0, 6))} arrives as it was`, () => {
    assert.equal(pass(string), string);
    assert.deepEqual(pass({ [string]: string }), { [string]: string });
  });
}

for (const timeMs of [0, 1, -1, 1_000, 1_764_000_000_123, -62_135_596_800_001, 8.64e15, -8.64e15, 8.64e15 - 1, NaN]) {
  test(`a Date of ${timeMs} ms arrives to the millisecond`, () => {
    const date = pass(new Date(timeMs));
    assert.ok(date instanceof Date);
    assert.ok(Object.is(date.getTime(), timeMs));
  });
}

test("any millisecond of a Date survives being sent as seconds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      (timeMs) => (pass(new Date(timeMs)) as Date).getTime() === timeMs,
    ),
    { numRuns: 3_000, seed: 1 },
  );
});

test("undefined and null stay apart, also as elements and properties", () => {
  const value = { a: undefined, b: null, c: [undefined, null] };
  assert.deepEqual(pass(value), value);
  assert.ok(Object.hasOwn(pass(value) as object, "a"));
});

test("bytes arrive as a Uint8Array that owns its buffer exactly", () => {
  const message = codec.encode({ bytes: new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4) });
  const { bytes } = codec.decode(message) as { bytes: Uint8Array };
  assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  assert.deepEqual([...bytes], [1, 2, 3]);
  assert.equal(bytes.byteOffset, 0);
  assert.equal(bytes.buffer.byteLength, 3);
  assert.notEqual(bytes.buffer, message.buffer);
});

test("bytes that come in a Buffer, and a message that is one, give plain Uint8Arrays", async () => {
  const { Buffer } = await import("node:buffer");
  const message = Buffer.from(codec.encode([Buffer.from("abc"), 7n, 0.1]));
  const value = codec.decode(message) as [Uint8Array, bigint, number];
  message.fill(0);
  assert.equal(Object.getPrototypeOf(value[0]), Uint8Array.prototype);
  assert.deepEqual(value, [new Uint8Array([97, 98, 99]), 7n, 0.1]);
});

test("an object without a prototype arrives as a plain object", () => {
  const value = Object.assign(Object.create(null) as object, { a: 1 });
  const arrived = pass(value) as object;
  assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  assert.deepEqual(arrived, { a: 1 });
});

test("a property named __proto__ arrives as an own property and pollutes nothing", () => {
  const arrived = pass(ownEntries([["__proto__", { polluted: true }]])) as Record<string, unknown>;
  assert.deepEqual(Object.keys(arrived), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  assert.equal("polluted" in {}, false);
  assert.equal("polluted" in arrived, false);
  assert.deepEqual(Object.getOwnPropertyDescriptor(arrived, "__proto__"), {
    value: { polluted: true },
    writable: true,
    enumerable: true,
    configurable: true,
  });
});

test("properties named like members of Object.prototype arrive as own properties", () => {
  const arrived = pass({ toString: 1, constructor: 2, hasOwnProperty: 3 }) as object;
  assert.deepEqual(Object.entries(arrived), [
    ["toString", 1],
    ["constructor", 2],
    ["hasOwnProperty", 3],
  ]);
});

test("the order of properties is kept", () => {
  assert.deepEqual(Object.keys(pass({ b: 1, a: 2, c: 3 }) as object), ["b", "a", "c"]);
});

test("a getter crosses by what it gives, also when it encodes something itself", () => {
  const value = {
    get inner() {
      return codec.encode(["within"]).length;
    },
    after: "after",
  };
  assert.deepEqual(pass(["before", value]), ["before", { inner: 8, after: "after" }]);
});

test("what another realm made crosses like our own", async () => {
  const vm = await import("node:vm");
  const value: unknown = vm.runInNewContext("({ list: [1, { a: 2 }] })");
  assert.equal(JSON.stringify(pass(value)), JSON.stringify({ list: [1, { a: 2 }] }));
});

test("messages stay as they were when later ones are encoded", () => {
  const messages = Array.from({ length: 5_000 }, (_, i) => codec.encode([i, "x".repeat(i % 60)]));
  messages.forEach((message, i) => {
    assert.deepEqual(codec.decode(message), [i, "x".repeat(i % 60)]);
  });
});

test("a refused value leaves the codec fit for the next", () => {
  assert.throws(() => codec.encode([1, "x".repeat(100_000), () => {}]));
  assert.deepEqual(pass(["next"]), ["next"]);
});
