import assert from "node:assert/strict";
import { it } from "node:test";
import { feedSession, fuzzSessions, type MutationTally, recordSession } from "../support/mux_mutations.ts";
import { Random } from "../support/wire_random.ts";

it("recorded sessions that are not changed end without an error", () => {
  const tally: MutationTally = { sessions: 0, open: 0, closed: {} };
  for (let seed = 0; seed < 100; seed++) feedSession(new Random(seed), recordSession(seed), tally);
  assert.deepEqual(tally, { sessions: 100, open: 0, closed: { "no error": 100 } });
});

it("10,000 changed sessions stay open or end with a typed error, within the limits", { timeout: 120_000 }, () => {
  const { sessions, open, closed } = fuzzSessions(0, 10_000);
  assert.equal(sessions, 10_000);
  const met = JSON.stringify({ open, closed });
  // They are no use unless every end is common: hurt at once, hurt late, and hardly at all.
  assert.ok(open > 300 && closed["no error"]! > 1_000 && closed.protocol! > 1_000 && closed.closed! > 1_000, met);
});
