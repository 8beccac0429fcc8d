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
class MoreMap extends Map {}
class MoreDate extends Date {}
const namesakes = [class extends Map {}, class {}] as const;
for (const each of namesakes) Object.defineProperty(each, "name", { value: "Map" });
const cyclic: Record<string, unknown> = { name: "a" };
cyclic.self = { back: cyclic };
const cyclicMap = new Map<string, unknown>();
cyclicMap.set("in", [new Set([cyclicMap])]);
const cyclicError = new Error("x");
cyclicError.cause = { error: cyclicError };
const transferred = new Float64Array(2);
const transferredBytes = new Uint8Array(2);
structuredClone([transferred, transferredBytes], { transfer: [transferred.buffer, transferredBytes.buffer] });
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const way = /pass it by reference with reference\(\), or send a plain object with its data$/;
const cases: readonly (readonly [what: string, value: unknown, message: RegExp])[] = [
  ["a function", () => {}, /^cannot send args\[0\]: it is a function$/],
  ["a named function", function walk() {}, /a function \(walk\)/],
  ["a class", Point, /a function \(Point\)/],
  ["a symbol", Symbol("s"), /a symbol \(Symbol\(s\)\)/],
  ["a class instance", new Point(), /it is an instance of Point; pass it by reference/],
  ["a WeakMap", new WeakMap(), /an instance of WeakMap; what it holds cannot be listed; send a Map$/],
  ["a WeakSet", new WeakSet(), /an instance of WeakSet; .* send a Set$/],
  ["a WeakRef", new WeakRef({}), /an instance of WeakRef; send what it refers to$/],
  ["a promise", Promise.resolve(), /an instance of Promise; await it before it is sent$/],
  ["a SharedArrayBuffer", new SharedArrayBuffer(1), /SharedArrayBuffer; processes share no memory; send a copy/],
  ["a boxed number", new Number(1), /an instance of Number; send the number itself/],
  ["a boxed string", new String("a"), /an instance of String; send the string itself/],
  ["a boxed boolean", new Boolean(false), /an instance of Boolean; send true or false itself/],
  ["a boxed bigint", Object(1n), /an instance of BigInt; send the bigint itself/],
  ["a boxed symbol", Object(Symbol("s")), /an instance of Symbol; symbols do not cross/],
  ["a subclass of Array", new MoreArray(), /an instance of MoreArray; send \[\.\.\.it\]$/],
  ["a subclass of Uint8Array", new MoreBytes(1), /an instance of MoreBytes/],
  ["a subclass of Set", new (class MoreSet extends Set {})(), /an instance of MoreSet; send new Set\(it\)$/],
  ["a subclass of Map", new MoreMap(), /an instance of MoreMap; send new Map\(it\)$/],
  ["a subclass of Date", new MoreDate(0), /an instance of MoreDate/],
  ["a subclass with the name of its class", new namesakes[0](), /send new Map\(it\)$/],
  ["a class that is only named Map", new namesakes[1](), way],
  ["an AbortSignal", new AbortController().signal, /an instance of AbortSignal/],
  ["an object with a prototype of its own", Object.create({ a: 1 }), /a prototype of its own|an instance of/],
  [
    "a generator",
    (function* () {})(),
    /it is an iterator; send \[\.\.\.it\], or as a stream what .* async function\* gives$/,
  ],
  ["an iterator", new Set([1]).values(), /it is an iterator/],
  ["a pretended array", Object.create(Array.prototype), /an instance of Array/],
  ["a pretended Date", Object.create(Date.prototype), /an instance of Date/],
  ["pretended bytes", Object.create(Uint8Array.prototype), /an instance of Uint8Array/],
  ["a pretended Float64Array", Object.create(Float64Array.prototype), /an instance of Float64Array/],
  ["a pretended Map", Object.create(Map.prototype), /an instance of Map/],
  ["a pretended Set", Object.create(Set.prototype), /an instance of Set/],
  ["a pretended RegExp", Object.create(RegExp.prototype), /an instance of RegExp/],
  ["a pretended URL", Object.create(URL.prototype), /an instance of URL/],
  ["a pretended ArrayBuffer", Object.create(ArrayBuffer.prototype), /an instance of ArrayBuffer/],
  ["a pretended DataView", Object.create(DataView.prototype), /an instance of DataView/],
  ["an object with a symbol for a key", { [Symbol("k")]: 1 }, /the symbol Symbol\(k\) for a key/],
  ["a namespace such as Math", Math, /Symbol\(Symbol\.toStringTag\) for a key/],
  ["a Map with properties", Object.assign(new Map(), { a: 1 }), /a Map with properties of its own \("a"\)/],
  ["a RegExp with properties", Object.assign(/x/, { a: 1 }), /a RegExp with properties of its own/],
  ["a RegExp with a strange place", Object.assign(/x/, { lastIndex: -1 }), /a RegExp with -1 for lastIndex/],
  ["a transferred ArrayBuffer", transferred.buffer, /an ArrayBuffer that was transferred to another owner/],
  ["a view of one", transferred, /a view of an ArrayBuffer that was transferred/],
  ["bytes of one", transferredBytes, /bytes that were transferred/],
  ["a revoked proxy", revoked.proxy, /something that cannot be read: TypeError/],
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
  ["args[0].größe", { größe: new WeakMap() }],
  ["args[0][2]", [1, new Map([[{}, {}]]), Symbol("x")]],
  ["args[0].self.back", cyclic],
  ['args[0].get("in")[0].values()[0]', cyclicMap],
  ["args[0].cause.error", cyclicError],
  ["args[0].toJSON", { a: 1, toJSON: () => "a" }],
  ['args[0]["\\ud800"]', { "\uD800": () => {} }],
  ['args[0].get("a").b', new Map([["a", { b: () => {} }]])],
  ["args[0].get(1)", new Map([[1, () => {}]])],
  [
    "args[0].keys()[1]",
    new Map<unknown, unknown>([
      [1, 1],
      [() => {}, 2],
    ]),
  ],
  [
    "args[0].values()[1].a",
    new Map<unknown, unknown>([
      [1, 1],
      [{}, { a: Symbol("x") }],
    ]),
  ],
  ["args[0].values()[2][0]", new Set([1, 2, [() => {}]])],
  ["args[0].cause.code", new Error("x", { cause: Object.assign(new Error("y"), { code: () => {} }) })],
  ["args[0].errors[1]", new AggregateError([1, () => {}])],
  [
    "args[0].a.b",
    {
      a: {
        get b() {
          throw new Error("no");
        },
      },
    },
  ],
];

for (const [path, value] of paths) {
  test(`the error names ${path}`, () => {
    assert.equal(refused(value).path, path);
  });
}

test("what cannot be read says what it threw, and keeps it", () => {
  const thrown = new RangeError("too far");
  const trap = new Proxy(
    {},
    {
      ownKeys: () => {
        throw thrown;
      },
    },
  );
  for (const value of [
    {
      get a() {
        throw thrown;
      },
    },
    trap,
  ]) {
    const error = refused(value);
    assert.equal(error.code, "unsupported_value");
    assert.match(error.message, /it is something that cannot be read: RangeError: too far$/);
    assert.equal(error.cause, thrown);
  }
});

test("what a getter throws of Plugwire's own passes as it is", () => {
  const own = new PluginError("limit", "enough");
  assert.equal(
    refused({
      get a() {
        throw own;
      },
    }),
    own,
  );
});

test("an array that is as long as can be takes neither time nor memory to refuse", () => {
  const long: unknown[] = [];
  long.length = 2 ** 32 - 1;
  for (const each of [codec, newCodec(100, 1 << 20, { shared: true })]) {
    assert.throws(() => each.encode([long]), { code: "too_large", message: /limits\.maxValues/ });
  }
});

test("sharing that makes a message grow without bounds meets a limit that says so", () => {
  const roomy = newCodec(100, 2 ** 30);
  let doubled: unknown = { a: 1 };
  for (let i = 0; i < 40; i++) doubled = { left: doubled, right: doubled };
  const said =
    /maxValues.*args\[0\]\.left and args\[0\]\.right are the same object.* once with the option sharedStructure$/;
  assert.throws(() => roomy.encode([null, 0, "m", [doubled]], places), { code: "too_large", message: said });
  const shared = newCodec(100, 2 ** 30, { shared: true });
  assert.ok(shared.encode([null, 0, "m", [doubled]], places).length < 2_000);
});

test("a cycle is named as one, with where it leads back to", () => {
  assert.match(
    refused(cyclic).message,
    /args\[0\]\.self\.back: it is the same object as args\[0\], which contains it; a cycle crosses only with the option sharedStructure$/,
  );
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
