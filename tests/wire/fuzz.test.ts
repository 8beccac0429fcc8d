import assert from "node:assert/strict";
import { it } from "node:test";
import { fuzzDecoder } from "../support/wire_fuzz.ts";

it("a million random byte strings end in frames, in waiting, or in a typed error", { timeout: 120_000 }, () => {
  const { strings, frames, waiting, errors } = fuzzDecoder(0, 1_000_000);
  assert.equal(strings, 1_000_000);
  assert.equal(waiting + errors, strings);
  // The strings are no use unless all three ends are common.
  assert.ok(frames > 500_000 && waiting > 200_000 && errors > 200_000, `${frames} ${waiting} ${errors}`);
});
