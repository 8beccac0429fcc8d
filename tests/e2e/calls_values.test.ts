import assert from "node:assert/strict";
import { it } from "node:test";
import { work } from "../fixtures/calls/contracts.ts";
import { overEveryWay } from "../support/calls.ts";

const values: readonly (readonly [what: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["booleans", [true, false]],
  ["whole numbers", [0, 1, -1, 23, 24, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
  ["other numbers", [-0, 0.1, 1e300, 5e-324, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ["bigints", [0n, 1n, -1n, 2n ** 64n, -(2n ** 200n)]],
  ["strings", ["", "a", "ä€𝄞", "\0\u2028\ufeff", "x".repeat(100_000)]],
  ["bytes", [new Uint8Array(0), new Uint8Array([0, 255]), new Uint8Array(100_000).fill(7)]],
  ["dates", [new Date(0), new Date(-1.5e12), new Date(1_763_000_000_123)]],
  ["arrays", [[], [[]], [undefined, null, [1, [2, [3]]]]]],
  ["objects", { "": 1, a: { b: { c: undefined } }, "0": 0, ä: "ä", toString: "no method" }],
  ["an object with the key __proto__", JSON.parse('{"__proto__":{"polluted":true},"constructor":1}')],
];

overEveryWay((plugin) => {
  for (const [what, value] of values) {
    it(`carries ${what} there and back as they were`, async () => {
      const proxy = plugin().dispense(work);
      assert.deepStrictEqual(await proxy.echo(value), value);
      assert.deepStrictEqual(await proxy.echoLater([{ value }]), [{ value }]);
      assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
    });
  }

  it("tells a date that is none from one that is", async () => {
    const date = await plugin().dispense(work).echo(new Date(Number.NaN));
    assert.ok(date instanceof Date && Number.isNaN(date.getTime()));
  });
});
