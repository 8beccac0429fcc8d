import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pieces, Random } from "../support/wire_random.ts";
import { HandLink } from "./_hand_link.ts";
import { type Role, Side } from "./_programs.ts";
import { bytesOf, hexOf, type RecordedSession, readVectors } from "./_vectors.ts";

const { sessions } = readVectors<{ readonly sessions: readonly RecordedSession[] }>("sessions.json");

/** How what the other side sends is cut. */
const cuts: Readonly<Record<string, (bytes: Uint8Array) => Iterable<Uint8Array>>> = {
  "frame by frame": (bytes) => [bytes],
  "byte by byte": (bytes) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)),
  "in random pieces": (bytes) => pieces(new Random(7), bytes, 7),
};

/** Plays one side of a recorded session against this implementation as the other. */
async function play(
  recorded: RecordedSession,
  role: Role,
  cut: (bytes: Uint8Array) => Iterable<Uint8Array>,
): Promise<void> {
  const link = new HandLink();
  const secret = recorded.secret === null ? undefined : bytesOf(recorded.secret);
  const side = await Side.open(role, link, secret);
  let count = 0;
  for (const step of recorded.steps) {
    if ("by" in step) {
      if (step.by === role) await side.do(step.does);
    } else if ("end" in step) {
      if (step.from === role) await link.hasEnded();
      else link.deliverEnd();
    } else if (step.from === role) {
      const expected = bytesOf(step.hex);
      await link.hasWritten(count + expected.length);
      assert.equal(hexOf(link.written.subarray(count, count + expected.length)), hexOf(expected), step.what);
      count += expected.length;
    } else {
      for (const piece of cut(bytesOf(step.hex))) link.deliver(piece);
    }
  }
  // What broke it, if anything did, is among the outcomes.
  await side.session.closed;
  assert.equal(link.written.length, count, "more was sent than recorded");
  assert.deepEqual(side.outcomes, recorded.outcomes[role]);
}

for (const recorded of sessions) {
  describe(`a recorded session: ${recorded.name}`, () => {
    for (const role of ["host", "plugin"] as const) {
      for (const [how, cut] of Object.entries(cuts)) {
        it(`the ${role} sends the same bytes, its peer's coming ${how}`, async () => {
          await play(recorded, role, cut);
        });
      }
    }
  });
}
