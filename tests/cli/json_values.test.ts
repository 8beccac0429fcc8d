import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromJsonValue, toJsonValue } from "../../src/cli/_json_values.ts";
import { readable } from "../../src/cli/_readable.ts";

const names = fc.oneof(
  fc.string(),
  fc.constantFrom("$bytes", "$bigint", "$date", "$number", "$undefined", "$object", "$x"),
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
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

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

  it("keep bytes past what a function takes as arguments", () => {
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    assert.deepEqual(fromJsonValue(toJsonValue(bytes)), bytes);
  });
});

describe("the readable form", () => {
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
