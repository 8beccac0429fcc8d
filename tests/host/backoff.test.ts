import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffMs } from "../../src/host/_backoff.ts";

describe("waits before an attempt to connect", () => {
  const bounds = { minMs: 100, maxMs: 10_000 };

  it("are a random part of a time that doubles up to the longest", () => {
    const longest = [0, 1, 2, 3, 6, 7, 8, 1_000].map((failed) => backoffMs(failed, bounds, 1));
    assert.deepEqual(longest, [100, 200, 400, 800, 6_400, 10_000, 10_000, 10_000]);
  });

  it("are anywhere from nothing to that time", () => {
    for (let failed = 0; failed < 40; failed++) {
      assert.equal(backoffMs(failed, bounds, 0), 0);
      const most = backoffMs(failed, bounds, 1);
      assert.equal(backoffMs(failed, bounds, 0.5), most / 2);
    }
  });

  it("are none where none are wanted", () => {
    assert.equal(backoffMs(5, { minMs: 0, maxMs: 0 }, 1), 0);
    assert.equal(backoffMs(5, { minMs: 200, maxMs: 100 }, 1), 100);
  });
});
