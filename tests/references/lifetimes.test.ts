import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rules, runSchedule } from "./_model.ts";

describe("lifetimes of references", () => {
  it("hold in 20,000 random schedules", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      assert.equal(runSchedule(seed), undefined, `seed ${seed}`);
    }
  });

  for (const rule of rules) {
    it(`do not hold without this rule: ${rule}`, () => {
      let failures = 0;
      for (let seed = 1; seed <= 300; seed++) if (runSchedule(seed, rule) !== undefined) failures++;
      assert.ok(failures > 10, `${failures} of 300 schedules failed`);
    });
  }
});
