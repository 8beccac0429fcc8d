/** Hosts that are killed with SIGKILL while they deliver a plugin's output: the next one repeats a batch at most, and skips nothing. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { batchBytes } from "../../src/output/_followed_file.ts";
import { firstWrong, noise } from "../fixtures/output/noise.ts";
import { OutputPlaceForTests } from "../support/output.ts";
import { runtimeCommand, runtimeNames } from "../support/runtimes.ts";
import { until } from "../support/until.ts";

const fixture = new URL("../fixtures/output/follower.ts", import.meta.url);
const rounds = 9;
const roundBytes = 8_000_000;

/** A small generator, so that a failure can be repeated by its seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function follower(round: number, directory: string): Promise<ChildProcess> {
  const name = runtimeNames[round % runtimeNames.length]!;
  const [program = "", ...args] = runtimeCommand(name, fixture, directory, `${directory}/got.${round}`);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = (await once(child.stdout!, "data")) as [Buffer];
  assert.equal(said.toString(), "ready\n");
  return child;
}

interface Part {
  readonly round: number;
  readonly from: number;
  readonly to: number;
}

/** What each host delivered of one output, checked byte for byte. */
function delivered(directory: string, name: string): Part[] {
  const parts: Part[] = [];
  for (const file of readdirSync(directory)) {
    const [, round, output, from] = /^got\.(\d+)\.(\w+)\.(\d+)$/.exec(file) ?? [];
    if (output !== name) continue;
    const bytes = readFileSync(`${directory}/${file}`);
    assert.equal(firstWrong(bytes, Number(from)), undefined, `a wrong byte in ${file}`);
    parts.push({ round: Number(round), from: Number(from), to: Number(from) + bytes.length });
  }
  return parts.toSorted((a, b) => a.round - b.round);
}

test("hosts killed at random repeat one batch at most, and leave no gap", { timeout: 120_000 }, async () => {
  const seed = Number(process.env.PLUGWIRE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  await using place = await OutputPlaceForTests.make();
  const { directory } = place.files;
  const written = { stdout: 0, stderr: 0 };
  const write = (name: "stdout" | "stderr", bytes: number): void => {
    place.write(name, noise(written[name], written[name] + bytes));
    written[name] += bytes;
  };
  for (let round = 0; round < rounds; round++) {
    const child = await follower(round, directory);
    const ended = once(child, "exit");
    let isOver = false;
    const killMs = 1 + random() * 40;
    const timer = setTimeout(() => {
      isOver = true;
      child.kill("SIGKILL");
    }, killMs);
    while (!isOver && written.stdout < (round + 1) * roundBytes) {
      write("stdout", 1 + Math.floor(random() * 900_000));
      write("stderr", 1 + Math.floor(random() * 3_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    clearTimeout(timer);
  }
  const last = await follower(rounds, directory);
  const ended = once(last, "exit");
  // The last one has all the time it wants.
  for (const name of ["stdout", "stderr"] as const)
    await until(`all of ${name}`, () => (delivered(directory, name).at(-1)?.to ?? 0) >= written[name], 60_000);
  last.stdin!.end();
  await ended;
  for (const name of ["stdout", "stderr"] as const) {
    let end = 0;
    for (const { round, from, to } of delivered(directory, name)) {
      const where = `${name}, host ${round}, seed ${seed}`;
      assert.ok(from <= end, `a gap from ${end} to ${from}: ${where}`);
      assert.ok(end - from <= batchBytes, `${end - from} bytes came twice: ${where}`);
      end = Math.max(end, to);
    }
    assert.equal(end, written[name]);
  }
});
