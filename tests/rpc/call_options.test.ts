import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withOptions } from "../../mod.ts";
import { inLab } from "./_references.ts";

const refused: readonly (readonly [options: unknown, error: ErrorConstructor, message: RegExp])[] = [
  [null, TypeError, /must be an object, not null/],
  [{ timeoutMs: "5" }, TypeError, /timeoutMs .* a number of ms, not "5"/],
  [{ timeoutMs: null }, TypeError, /timeoutMs .* a number of ms, not null/],
  [{ timeoutMs: Number.NaN }, RangeError, /timeoutMs .* from 0, not NaN/],
  [{ timeoutMs: -1 }, RangeError, /timeoutMs .* from 0, not -1/],
  [{ signal: {} }, TypeError, /signal .* an AbortSignal, not an object/],
  [{ signal: null }, TypeError, /signal .* an AbortSignal, not null/],
  [{ metadata: "a" }, TypeError, /metadata .* an object of plain data, not "a"/],
  [{ metadata: [] }, TypeError, /metadata .* an object of plain data, not an empty array/],
  [{ timeout: 5 }, TypeError, /unknown option "timeout" of withOptions; did you mean "timeoutMs"\?/],
];

describe("withOptions", () => {
  for (const [options, ErrorClass, message] of refused) {
    it(`refuses ${JSON.stringify(options)} (${message.source})`, async () => {
      await inLab<{ run(): void }>({ run() {} }, async ({ lab }) => {
        assert.throws(
          () => withOptions(lab, options as never),
          (error) => error instanceof ErrorClass && message.test(error.message),
        );
      });
    });
  }

  it("takes options that are undefined for left out, and a time without end", async () => {
    await inLab<{ run(): number }>({ run: () => 1 }, async ({ lab }) => {
      const given = { signal: undefined, timeoutMs: Number.POSITIVE_INFINITY, metadata: undefined } as never;
      assert.equal(await withOptions(lab, given).run(), 1);
    });
  });

  it("refuses what is no proxy", () => {
    assert.throws(() => withOptions({}, {}), TypeError);
    assert.throws(() => withOptions(() => {}, {}), TypeError);
  });
});
