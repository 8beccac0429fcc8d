import assert from "node:assert/strict";
import { test } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { ValueCodec } from "../../src/values/mod.ts";
import { newCodec } from "./_support.ts";

const codec = newCodec();
const places = ["references", "target", "method", "args", "options"];

/** Encodes a call with this argument and gives the error. */
function refused(argument: unknown, of: ValueCodec = codec): PluginError {
  try {
    of.encode([null, 0, "find", [argument]], places);
  } catch (error) {
    assert.ok(error instanceof PluginError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "it was encoded" });
}

class Point {
  x = 1;
}
class MoreArray extends Array {}
class MoreBytes extends Uint8Array {}
const sparse = [1, 2, 3];
delete sparse[1];
const cyclic: Record<string, unknown> = { name: "a" };
cyclic.self = { back: cyclic };

const cases: readonly [what: string, value: unknown, message: RegExp][] = [
  ["a function", () => {}, /^cannot send args\[0\]: it is a function$/],
  ["a named function", function walk() {}, /a function \(walk\)/],
  ["a class", Point, /a function \(Point\)/],
  ["a symbol", Symbol("s"), /a symbol \(Symbol\(s\)\)/],
  ["a class instance", new Point(), /an instance of Point; send a plain object/],
  ["a Map", new Map(), /an instance of Map/],
  ["a Set", new Set(), /an instance of Set/],
  ["a WeakMap", new WeakMap(), /an instance of WeakMap/],
  ["a promise", Promise.resolve(), /an instance of Promise/],
  ["an Error", new TypeError("x"), /an instance of TypeError/],
  ["a RegExp", /x/, /an instance of RegExp/],
  ["a URL", new URL("http://a.example"), /an instance of URL/],
  ["a Float64Array", new Float64Array(1), /an instance of Float64Array/],
  ["a Uint8ClampedArray", new Uint8ClampedArray(1), /an instance of Uint8ClampedArray/],
  ["an ArrayBuffer", new ArrayBuffer(1), /an instance of ArrayBuffer/],
  ["a boxed number", new Number(1), /an instance of Number/],
  ["a subclass of Array", new MoreArray(), /an instance of MoreArray/],
  ["a subclass of Uint8Array", new MoreBytes(1), /an instance of MoreBytes/],
  ["an AbortSignal", new AbortController().signal, /an instance of AbortSignal/],
  ["an object with a prototype of its own", Object.create({ a: 1 }), /a prototype of its own|an instance of/],
  ["a pretended array", Object.create(Array.prototype), /an instance of Array/],
  ["a pretended Date", Object.create(Date.prototype), /an instance of Date/],
  ["pretended bytes", Object.create(Uint8Array.prototype), /an instance of Uint8Array/],
  ["an object with a symbol for a key", { [Symbol("k")]: 1 }, /the symbol Symbol\(k\) for a key/],
  ["a namespace such as Math", Math, /Symbol\(Symbol\.toStringTag\) for a key/],
  ["a lone surrogate", "a\uD800", /a string with a lone surrogate/],
  ["a long string with a lone surrogate", `${"x".repeat(100)}\uDC00`, /a string with a lone surrogate/],
];

for (const [what, value, message] of cases) {
  test(`${what} is refused, never turned into something else`, () => {
    const error = refused(value);
    assert.equal(error.code, "unsupported_value");
    assert.equal(error.path, "args[0]");
    assert.match(error.message, message);
  });
}

const paths: readonly [path: string, value: unknown][] = [
  ["args[0].options.filter", { options: { deep: [[{}]], filter: () => {} } }],
  ["args[0][2].a", [0, { a: 1 }, { a: Symbol("x") }]],
  ['args[0]["no name"][0]', { "no name": [() => {}] }],
  ["args[0].größe", { größe: new Map() }],
  ["args[0][1]", sparse],
  ["args[0].self.back", cyclic],
  ["args[0].toJSON", { a: 1, toJSON: () => "a" }],
  ['args[0]["\\ud800"]', { "\uD800": 1 }],
];

for (const [path, value] of paths) {
  test(`the error names ${path}`, () => {
    assert.equal(refused(value).path, path);
  });
}

test("a cycle is named as one, with where it leads back to", () => {
  assert.match(refused(cyclic).message, /args\[0\]\.self\.back: it is the same object as args\[0\], which contains it/);
});

test("an object met twice without a cycle crosses twice", () => {
  const twice = { a: 1 };
  assert.deepEqual(codec.decode(codec.encode([twice, twice])), [{ a: 1 }, { a: 1 }]);
});

test("without names of places the path begins with value", () => {
  assert.throws(() => codec.encode([{ a: () => {} }]), { path: "value[0].a" });
  assert.throws(() => codec.encode(() => {}), { path: "value" });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

test("nesting up to the limit crosses, one level more is refused on both sides", () => {
  const shallow = newCodec(10);
  const deeper = newCodec(11);
  assert.deepEqual(shallow.decode(shallow.encode(nested(10))), nested(10));
  assert.throws(() => shallow.encode(nested(11)), {
    code: "unsupported_value",
    message: /nested deeper than 10 levels/,
  });
  assert.throws(() => shallow.decode(deeper.encode(nested(11))), { code: "bad_message" });
});

test("nesting to the deepest limit there is does not end the stack", () => {
  const deepest = newCodec(1_000);
  assert.deepEqual(deepest.decode(deepest.encode(nested(1_000))), nested(1_000));
});

test("a message over the limit is refused whatever makes it large, and before it is decoded", () => {
  const small = newCodec(100, 1_000);
  const large: unknown[] = [
    "x".repeat(1_001),
    "€".repeat(400),
    new Uint8Array(1_001),
    Array(1_001).fill(1),
    { a: 1n << 9_000n },
  ];
  for (const value of large) {
    assert.throws(() => small.encode(value), { code: "too_large", message: /1000 bytes \(maxMessageBytes\)/ });
    assert.throws(() => small.decode(codec.encode(value)), { code: "too_large" });
  }
  assert.equal(small.encode("x".repeat(997)).length, 1_000);
  assert.throws(() => small.encode("x".repeat(998)), { code: "too_large" });
});

test("limits out of range are the caller's mistake", () => {
  assert.throws(() => newCodec(0), RangeError);
  assert.throws(() => newCodec(1_001), RangeError);
  assert.throws(() => newCodec(1.5), RangeError);
  assert.throws(() => newCodec(1, 0), RangeError);
});
