import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromJsonValue, toJsonValue } from "../../src/cli/_json_values.ts";
import { readable } from "../../src/cli/_readable.ts";

const names = fc.oneof(
  fc.string(),
  fc.constantFrom("$bytes", "$bigint", "$date", "$number", "$undefined", "$object", "$map", "$reference", "$x"),
);

/** Whatever a call can give, objects that look like tags among it. */
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(undefined, null, true, Number.NaN, -0, Number.POSITIVE_INFINITY),
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.uint8Array(),
    fc.date({ noInvalidDate: false }),
    fc.float64Array({ maxLength: 4 }),
    fc.bigInt64Array({ maxLength: 4 }),
    fc.webUrl().map((url) => new URL(url)),
    // Bun compares Maps and Sets wrongly where two keys are alike and not the same.
    fc.array(fc.bigInt(), { maxLength: 4 }).map((members) => new Set(members)),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** One of everything that crosses and JSON has no form for. */
const rareValues = {
  map: new Map<unknown, unknown>([
    ["a", 1],
    [{ b: 2 }, new Set([1, "c"])],
  ]),
  floats: new Float64Array([1.5, Number.NaN, -0]),
  bigs: new BigInt64Array([5n]),
  buffer: new Uint8Array([1, 2]).buffer,
  view: new DataView(new Uint8Array([255]).buffer),
  url: new URL("https://example.org/a"),
  pattern: /a+/gi,
};

const rare = `{
  "map": Map {
    "a" => 1,
    {
      "b": 2
    } => Set {
      1,
      "c"
    }
  },
  "floats": <Float64Array of 3: 1.5, NaN, -0>,
  "bigs": <BigInt64Array of 1: 5>,
  "buffer": <ArrayBuffer, 2 bytes: 0102>,
  "view": <DataView, 1 byte: ff>,
  "url": https://example.org/a,
  "pattern": /a+/gi,
  "error": [TypeError: no] {
    "code": "E",
    "cause": [Error: room]
  },
  "empty": [
    Map {},
    Set {},
    <Int8Array of 0>,
    [Error]
  ]
}`;

const numRuns = 3_000;

describe("values as JSON", () => {
  it("are the same after a round trip", () => {
    fc.assert(
      fc.property(values, (value) => {
        assert.deepStrictEqual(fromJsonValue(JSON.parse(JSON.stringify(toJsonValue(value)))), value);
      }),
      { numRuns },
    );
  });

  it("are the same after any number of round trips within one another", () => {
    fc.assert(
      fc.property(values, (value) => {
        const once = toJsonValue(value);
        assert.deepStrictEqual(fromJsonValue(JSON.parse(JSON.stringify(toJsonValue(once)))), once);
      }),
      { numRuns: 500 },
    );
  });

  it("are the same for one of each", () => {
    assert.deepStrictEqual(fromJsonValue(JSON.parse(JSON.stringify(toJsonValue(rareValues)))), rareValues);
  });

  it("say what an error was", () => {
    const error = Object.assign(new TypeError("no", { cause: 1n }), { code: "E" });
    const expected = { code: "E", cause: { $bigint: "1" }, name: "TypeError", message: "no" };
    assert.deepEqual(toJsonValue(error), { $error: expected });
  });

  it("keep bytes past what a function takes as arguments", () => {
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    assert.deepEqual(fromJsonValue(toJsonValue(bytes)), bytes);
  });
});

describe("an object that contains itself", () => {
  const cyclic: { inner: unknown[] } = { inner: [] };
  cyclic.inner.push(cyclic);

  it("is written as JSON that says how far out it is", () => {
    assert.deepEqual(toJsonValue(cyclic), { inner: [{ $within: 2 }] });
  });

  it("is written for people", () => {
    assert.equal(readable(cyclic), '{\n  "inner": [\n    [what contains it]\n  ]\n}');
  });
});

describe("the readable form", () => {
  it("shows what JSON has no form for", () => {
    const error = Object.assign(new TypeError("no", { cause: new Error("room") }), { code: "E" });
    const empty = [new Map(), new Set(), new Int8Array(), new Error("")];
    assert.equal(readable({ ...rareValues, error, empty }), rare);
  });

  it("is JSON for plain data", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // -0 is plain to fast-check and not to JSON.
        const plain: unknown = JSON.parse(JSON.stringify(value));
        assert.equal(readable(plain), JSON.stringify(plain, null, 2));
      }),
      { numRuns },
    );
  });
});
