import assert from "node:assert/strict";
import { it } from "node:test";
import { emptyTally, Schedule } from "../support/mux_schedule.ts";

it("10,000 random schedules end with every call answered or reset, and nothing left", { timeout: 120_000 }, () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= 10_000; seed++) {
    try {
      new Schedule(seed, tally).run();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  // The schedules are no use unless they meet all of it often.
  for (const [what, count] of Object.entries(tally)) assert.ok(count > 1_000, `${what}: ${count}`);
});
