import assert from "node:assert/strict";
import { renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { type FollowedOutput, followOutput } from "../../src/output/_follow_output.ts";
import { batchBytes } from "../../src/output/_followed_file.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { OutputPlaceForTests, runtime, Taken } from "../support/output.ts";

const start = { stdout: 0, stderr: 0 };

interface Following {
  readonly out: Taken;
  readonly err: Taken;
  readonly followed: FollowedOutput;
}

async function follow(place: OutputPlaceForTests, from = start): Promise<Following> {
  const [out, err] = [new Taken(), new Taken()];
  return { out, err, followed: await followOutput(place.files, from, { stdout: out, stderr: err }, place.options) };
}

test("what is there and what is appended is delivered in order, each output for itself", async () => {
  await using place = await OutputPlaceForTests.make();
  place.write("stdout", "first\n");
  const { out, err, followed } = await follow(place);
  await out.atLeast(6);
  for (let line = 0; line < 50; line++) {
    place.write("stdout", `out ${line}\n`);
    place.write("stderr", `err ${line}\n`);
    if (line % 10 === 0) await err.atLeast(err.length + 1);
  }
  await followed.finish();
  await Promise.all([out.ended, err.ended]);
  const lines = (name: string): string => Array.from({ length: 50 }, (_, line) => `${name} ${line}\n`).join("");
  assert.equal(out.text, `first\n${lines("out")}`);
  assert.equal(err.text, lines("err"));
  assert.deepEqual(followed.offsets, { stdout: out.length, stderr: err.length });
});

test("the last bytes come before the end, and what is written after it does not", async () => {
  await using place = await OutputPlaceForTests.make();
  const { out, followed } = await follow(place);
  place.write("stdout", new Uint8Array(3 * batchBytes + 1).fill(65));
  const finished = followed.finish();
  place.write("stdout", "by something that lives on");
  await finished;
  assert.equal(out.length, 3 * batchBytes + 1);
  await out.ended;
});

test("the next one goes on where the one before let go, byte for byte", async () => {
  await using place = await OutputPlaceForTests.make();
  const before = await follow(place);
  place.write("stdout", "one\ntw");
  await before.out.atLeast(6);
  const offsets = await before.followed.detach();
  assert.deepEqual(offsets, { stdout: 6, stderr: 0 });
  place.write("stdout", "o\nthree\n");
  const after = await follow(place, offsets);
  await after.out.atLeast(8);
  await after.followed.finish();
  assert.equal(before.out.text + after.out.text, "one\ntwo\nthree\n");
  assert.deepEqual(
    after.out.repeated.map(String),
    [new TextEncoder().encode("tw")].map(String),
    "the log gets its line",
  );
});

test("of two that overlap only the later delivers", async () => {
  await using place = await OutputPlaceForTests.make();
  const before = await follow(place);
  place.write("stdout", "for the first\n");
  await before.out.atLeast(14);
  const after = await follow(place);
  place.write("stdout", "for the second\n");
  await after.out.atLeast(15);
  await place.records.message("another host has taken over the plugin's stdout");
  assert.equal(before.out.text, "for the first\n");
  await before.followed.detach();
  await after.followed.finish();
  assert.equal(after.out.text, "for the second\n");
});

test("a sink that is slow is waited for, and what it has not taken is not recorded", async () => {
  await using place = await OutputPlaceForTests.make();
  const before = await follow(place);
  const taking = Promise.withResolvers<void>();
  before.out.waitFor = taking.promise;
  place.write("stdout", new Uint8Array(5 * batchBytes).fill(66));
  await before.out.atLeast(1);
  place.write("stderr", "meanwhile\n");
  await before.err.atLeast(10);
  assert.equal(before.out.length, batchBytes, "one batch, and no more");
  assert.deepEqual(before.followed.offsets, { stdout: 0, stderr: 10 });
  await before.followed.detach();
  const after = await follow(place);
  await after.followed.finish();
  taking.resolve();
  assert.deepEqual([after.out.length, after.err.length], [5 * batchBytes, 0]);
  assert.deepEqual(after.followed.offsets, { stdout: 5 * batchBytes, stderr: 10 });
});

test("a file that is cut is read from its beginning, and that is said", async () => {
  await using place = await OutputPlaceForTests.make();
  const { out, followed } = await follow(place);
  place.write("stdout", "long before\nhal");
  await out.atLeast(15);
  truncateSync(place.files.stdoutPath, 0);
  await place.records.message("the file of the plugin's stdout was cut; it is read from its beginning");
  place.write("stdout", "anew\n");
  await out.atLeast(20);
  await followed.finish();
  assert.equal(out.text, "long before\nhalanew\n");
  assert.deepEqual([out.gaps, followed.offsets.stdout], [1, 5]);
});

test("a file that was replaced before the next host came is read from its beginning, and that is said", async () => {
  await using place = await OutputPlaceForTests.make();
  const before = await follow(place);
  place.write("stderr", "before\n");
  await before.err.atLeast(7);
  await before.followed.detach();
  renameSync(place.files.stderrPath, `${place.files.stderrPath}.1`);
  writeFileSync(place.files.stderrPath, "of another file\n", { mode: 0o600 });
  const after = await follow(place);
  await place.records.message("the file of the plugin's stderr was replaced by another; it is read from its beginning");
  await after.followed.finish();
  assert.equal(after.err.text, "of another file\n");
});

test("a file that was removed is read on by who has it open, and that is said", async () => {
  await using place = await OutputPlaceForTests.make();
  const { err, followed } = await follow(place);
  unlinkSync(place.files.stderrPath);
  await place.records.find(({ message }) => message.startsWith("the file of the plugin's stderr was removed"));
  await followed.finish();
  await err.ended;
  await assert.rejects(follow(place), { code: "not_found" });
});

test("without its record the output is still delivered, and the next host repeats it from where it is told", async () => {
  await using place = await OutputPlaceForTests.make();
  const before = await follow(place);
  place.write("stdout", "one\n");
  await before.out.atLeast(4);
  rmSync(place.files.path("delivered.1"));
  place.write("stdout", "two\n");
  await before.out.atLeast(8);
  await place.records.find(({ message }) => message.includes("was removed; a host that takes over repeats it"));
  await before.followed.detach();
  const after = await follow(place, { stdout: 4, stderr: 0 });
  await after.followed.finish();
  assert.equal(after.out.text, "two\n");
});

test("a record that is garbage counts as none, and that is said", async () => {
  for (const garbage of ["", "garbage", `plugwire-output-1 ${"9".repeat(200)}`, "\0".repeat(126)]) {
    await using place = await OutputPlaceForTests.make();
    place.write("stdout", "one\ntwo\n");
    writeFileSync(place.files.path("delivered.7"), garbage, { mode: 0o600 });
    const { out, followed } = await follow(place, { stdout: 4, stderr: 0 });
    await followed.finish();
    assert.equal(out.text, "two\n");
    assert.match(place.records.text(), /cannot be read; some of it may come twice/);
  }
});

test("100 MB come quickly, within little memory, binary noise and long lines alike", async () => {
  await using place = await OutputPlaceForTests.make();
  const { out, followed } = await follow(place);
  const noise = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * index + 7 * index) & 0xff);
  let at = 0;
  out.bytes = (chunk: Uint8Array): void => {
    for (let from = 0; from < chunk.length; ) {
      const part = noise.subarray(at % noise.length, Math.min(noise.length, (at % noise.length) + chunk.length - from));
      assert.equal(Buffer.compare(chunk.subarray(from, from + part.length), part), 0, `near byte ${at}`);
      from += part.length;
      at += part.length;
    }
  };
  const before = process.memoryUsage().rss;
  let most = 0;
  const began = performance.now();
  for (let piece = 0; piece < 100; piece++) {
    place.write("stdout", noise);
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  await followed.finish();
  assert.equal(at, 100 * noise.length);
  const ms = performance.now() - began;
  assert.ok(ms < 20_000, `${ms} ms`);
  assert.ok(most < 80_000_000, `${most} bytes of memory`);
});

test("files that nothing comes to are looked at less and less often, ten times a second at last", async () => {
  await using place = await OutputPlaceForTests.make();
  const delays: number[] = [];
  let look: () => void = () => {};
  const setTimer: Runtime["setTimer"] = (callback, delayMs, options) => {
    assert.notEqual(options?.keepAlive, true, "output alone keeps no process alive");
    delays.push(delayMs);
    look = callback;
    return { cancel: () => {} };
  };
  const out = new Taken();
  const handler = { stdout: out, stderr: new Taken() };
  const parts = { ...place.options, runtime: { ...runtime, setTimer } };
  const followed = await followOutput(place.files, start, handler, parts);
  for (let round = 0; round < 10; round++) look();
  assert.deepEqual([delays[0], delays.at(-1)], [10, 100]);
  place.write("stdout", "something\n");
  look();
  assert.equal(delays.at(-1), 10);
  await out.atLeast(10);
  while (followed.offsets.stdout < 10) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  for (let round = 0; round < 10; round++) look();
  assert.equal(delays.at(-1), 100);
  await followed.finish();
});

test("the disk is given back that delivered output takes, where the system can", async (context) => {
  await using place = await OutputPlaceForTests.make();
  const { out, followed } = await follow(place);
  for (let piece = 1; piece <= 12; piece++) {
    place.write("stdout", new Uint8Array(4_000_000).fill(10));
    await out.atLeast(piece * 4_000_000);
  }
  await followed.finish();
  assert.equal(out.length, 48_000_000);
  const { size, blocks } = statSync(place.files.stdoutPath);
  assert.equal(size, 48_000_000);
  if (!(await runtime.freeDisk(place.files.stdoutPath, 0, 4_096))) return context.skip("this system cannot");
  assert.ok(blocks * 512 < 40_000_000, `${blocks * 512} bytes`);
});
