import assert from "node:assert/strict";
import { statSync, truncateSync, unlinkSync } from "node:fs";
import { test } from "node:test";
import { type FollowedOutput, followOutput } from "../../src/output/_follow_output.ts";
import { guardOutput } from "../../src/plugin/_output_guard.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { OutputPlaceForTests, runtime, Taken } from "../support/output.ts";

const maxBytes = 1_048_576;
/** Kept when the rest is dropped: half of it. */
const keptBytes = maxBytes / 2;

interface Guard {
  /** Has it look now. */
  look(): void;
  end(): void;
}

function guard(place: OutputPlaceForTests): Guard {
  let next: () => void = () => assert.fail("it does not look");
  const setTimer: Runtime["setTimer"] = (callback) => {
    next = callback;
    return { cancel: () => {} };
  };
  const end = guardOutput(place.files.directory, { ...runtime, setTimer });
  return { look: () => next(), end };
}

interface Following {
  readonly out: Taken;
  readonly followed: FollowedOutput;
}

async function follow(place: OutputPlaceForTests): Promise<Following> {
  const out = new Taken();
  const handler = { stdout: out, stderr: new Taken() };
  return { out, followed: await followOutput(place.files, { stdout: 0, stderr: 0 }, handler, place.options) };
}

/** Lines of 16 bytes. */
function lines(from: number, to: number): string {
  let text = "";
  for (let line = from; line < to; line++) text += `${String(line).padStart(15, "0")}\n`;
  return text;
}

const allocated = (path: string): number => statSync(path).blocks * 512;

test("what nobody reads is kept within its quota: the newest, from the beginning of a line, and that is said", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  const before = await follow(place);
  place.write("stdout", lines(0, 10));
  await before.out.atLeast(160);
  await before.followed.detach();
  const guarded = guard(place);
  place.write("stdout", lines(10, 100_000));
  place.write("stdout", `${"x".repeat(7)}\n`);
  guarded.look();
  place.write("stdout", "after\n");
  guarded.look();
  guarded.end();
  assert.ok(allocated(place.files.stdoutPath) <= maxBytes);
  const { out, followed } = await follow(place);
  await followed.finish();
  assert.match(out.text, /^\d{15}\n/);
  const first = Number(out.text.slice(0, 15));
  assert.equal(out.text, `${lines(first, 100_000)}xxxxxxx\nafter\n`);
  assert.ok(out.length > keptBytes - 16 && out.length < keptBytes + 16, `${out.length} bytes`);
  const said = await place.records.find(({ message }) => message.includes("maxOutputBytes"));
  assert.deepEqual(said.fields, { bytes: (first - 10) * 16 });
  assert.deepEqual([out.gaps, followed.offsets.stdout], [1, 100_000 * 16 + 14]);
});

test("of a last line that is longer than what is kept, the end is kept", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  const guarded = guard(place);
  place.write("stdout", `${"x".repeat(2 * maxBytes)}the end\n`);
  guarded.look();
  guarded.end();
  const { out, followed } = await follow(place);
  await followed.finish();
  assert.equal(out.length, keptBytes);
  assert.match(out.text, /^x+the end\n$/);
});

test("what was delivered is freed with nothing lost and nothing said", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  const { out, followed } = await follow(place);
  const guarded = guard(place);
  for (let round = 0; round < 8; round++) {
    place.write("stdout", lines(round * 40_000, (round + 1) * 40_000));
    await out.atLeast((round + 1) * 40_000 * 16);
    guarded.look();
    assert.ok(allocated(place.files.stdoutPath) <= maxBytes);
  }
  guarded.end();
  await followed.finish();
  assert.equal(out.text, lines(0, 8 * 40_000));
  assert.deepEqual([out.gaps, place.records.text()], [0, ""]);
});

test("a follower that is behind meets no zeros where the disk was freed", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  const taking = Promise.withResolvers<void>();
  const { out, followed } = await follow(place);
  out.waitFor = taking.promise;
  place.write("stdout", lines(0, 100_000));
  await out.atLeast(1);
  const guarded = guard(place);
  guarded.look();
  out.waitFor = undefined;
  taking.resolve();
  await followed.finish();
  guarded.end();
  assert.ok(!out.text.includes("\0"));
  assert.ok(out.text.endsWith(lines(99_000, 100_000)));
  assert.equal(out.gaps, 1);
});

test("a file that is cut after something was dropped is read from its beginning all the same", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  const guarded = guard(place);
  place.write("stdout", lines(0, 100_000));
  guarded.look();
  guarded.end();
  const { out, followed } = await follow(place);
  await out.atLeast(keptBytes - 16);
  truncateSync(place.files.stdoutPath, 0);
  await place.records.message("the file of the plugin's stdout was cut; it is read from its beginning");
  await followed.detach();
});

test("without its quota the output is followed, and nothing is dropped", async () => {
  await using place = await OutputPlaceForTests.make({ maxBytes });
  unlinkSync(place.files.path("quota"));
  place.write("stdout", lines(0, 100_000));
  guardOutput(place.files.directory, runtime)();
  const { out, followed } = await follow(place);
  await followed.finish();
  assert.equal(out.length, 1_600_000);
});
