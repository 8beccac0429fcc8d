import assert from "node:assert/strict";
import { test } from "node:test";
import { addTallies, formatTally, parseTally } from "../../scripts/lib/tally.ts";

test("a tally is read back from the last line it was printed on", () => {
  const tally = { passed: 12, failed: 0, skipped: 3 };
  assert.deepEqual(parseTally(`node 1 passed\n${formatTally(tally)}\n`), tally);
});

test("a tally that is not the last line is none", () => {
  assert.equal(parseTally("1 passed, 0 failed, 0 skipped\nkilled\n"), undefined);
});

test("tallies add up", () => {
  const tally = { passed: 1, failed: 2, skipped: 3 };
  assert.deepEqual(addTallies([tally, tally]), { passed: 2, failed: 4, skipped: 6 });
});
