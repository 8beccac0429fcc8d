/** A host is killed while its plugin prints, and another version of it takes over: what both delivered is complete and in order. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { type TestContext, test } from "node:test";
import { batchBytes } from "../../src/output/_followed_file.ts";
import { firstWrong, noise } from "../fixtures/output/noise.ts";
import { currentRuntime, runtimeCommand, runtimeNames, type TestRuntime } from "../support/runtimes.ts";
import { until } from "../support/until.ts";

const fixture = new URL("../fixtures/output/host.ts", import.meta.url);
const totalBytes = 100_000_000;

/** A program that says what it does, one line after another. */
class Host {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly #said: AsyncIterator<Buffer>;
  #text = "";

  constructor(runtime: TestRuntime, ...args: readonly string[]) {
    const [program = "", ...rest] = runtimeCommand(runtime, fixture, ...args);
    this.child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.exited = once(this.child, "exit");
    this.#said = this.child.stdout![Symbol.asyncIterator]();
  }

  async says(line: string): Promise<void> {
    while (!this.#text.includes(`${line}\n`)) {
      const { value, done } = await this.#said.next();
      assert.ok(done !== true, `it ended before it said ${line}`);
      this.#text += String(value);
    }
  }
}

/** Waits until a file has so many bytes, by looking at it. */
async function grown(path: string, bytes: number): Promise<void> {
  const size = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  await until(`${path} has ${bytes} bytes`, () => size() >= bytes, 120_000);
}

/** Where in the noise the second host began, which cannot be further back than one batch. */
function beginning(bytes: Uint8Array, end: number): number {
  const head = bytes.subarray(0, 64);
  const before = noise(Math.max(0, end - batchBytes), end + head.length);
  const at = Buffer.from(before).lastIndexOf(head);
  assert.notEqual(at, -1, "more than a batch came twice, or something is missing");
  return end - (before.length - head.length) + at;
}

const numbers = (log: string): number[] => {
  const found: number[] = [];
  for (const line of log.split("\n")) {
    if (!line.startsWith("printer: line ")) continue;
    const [, first, second] = /^printer: line (\d+) of stderr (\d+)$/.exec(line) ?? assert.fail(`torn: ${line}`);
    assert.equal(first, second, line);
    found.push(Number(first));
  }
  return found;
};

interface Delivered {
  /** Where the first host has written what, and the next one. */
  readonly first: string;
  readonly next: string;
}

/** Compares what both hosts delivered with what the plugin printed. */
function check({ first, next }: Delivered): void {
  const bytes = { first: readFileSync(`${first}.stdout`), next: readFileSync(`${next}.stdout`) };
  const byFirst = bytes.first.length;
  assert.equal(firstWrong(bytes.first, 0), undefined);
  const from = beginning(bytes.next, byFirst);
  assert.ok(from <= byFirst && byFirst - from <= batchBytes, `${byFirst - from} bytes came twice`);
  assert.equal(firstWrong(bytes.next, from), undefined);
  assert.equal(from + bytes.next.length, totalBytes);
  let expected = 0;
  for (const number of [first, next].flatMap((to) => numbers(readFileSync(`${to}.log`, "utf8")))) {
    assert.ok(number <= expected, `line ${expected} is missing, ${number} came`);
    expected = Math.max(expected, number + 1);
  }
  assert.equal(expected, Math.ceil(totalBytes / 100_003));
}

const nextRuntime = runtimeNames[(runtimeNames.indexOf(currentRuntime) + 1) % runtimeNames.length]!;

async function upgrade(pluginRuntime: TestRuntime, isKilled: boolean, context: TestContext): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/plugwire-test-`);
  context.after(() => rmSync(directory, { recursive: true }));
  const info = `${directory}/info.json`;
  const delivered = { first: `${directory}/first`, next: `${directory}/next` };
  const first = new Host(currentRuntime, "first", info, delivered.first, pluginRuntime, String(totalBytes));
  context.after(() => first.child.kill("SIGKILL"));
  await first.says("ready");
  await grown(`${delivered.first}.stdout`, totalBytes / 3);
  if (isKilled) {
    first.child.kill("SIGKILL");
    await first.exited;
  }
  const next = new Host(nextRuntime, "next", info, delivered.next);
  context.after(() => next.child.kill("SIGKILL"));
  await next.says("ready");
  if (!isKilled) {
    first.child.stdin!.end();
    await first.says("stopped");
    await first.exited;
  }
  const byFirst = statSync(`${delivered.first}.stdout`).size;
  await grown(`${delivered.next}.stdout`, totalBytes - byFirst);
  next.child.stdin!.end();
  await next.says("stopped");
  await next.exited;
  check(delivered);
}

for (const pluginRuntime of runtimeNames) {
  const title = `100 MB of a ${pluginRuntime} plugin come whole from a ${currentRuntime} host, which is killed, and its successor on ${nextRuntime}`;
  test(title, { timeout: 120_000 }, (context) => upgrade(pluginRuntime, true, context as TestContext));
}

test(
  `100 MB of a ${currentRuntime} plugin come whole from a host that lives while another one takes over`,
  {
    timeout: 120_000,
  },
  (context) => upgrade(currentRuntime, false, context as TestContext),
);

test(`a ${currentRuntime} plugin that prints too much while it has no host keeps the newest, and the next host says so`, {
  timeout: 60_000,
}, async (context) => {
  const directory = mkdtempSync(`${tmpdir()}/plugwire-test-`);
  (context as TestContext).after(() => rmSync(directory, { recursive: true }));
  const info = `${directory}/info.json`;
  const bytes = 20_000_000;
  const first = new Host(
    currentRuntime,
    "first",
    info,
    `${directory}/first`,
    currentRuntime,
    String(bytes),
    String(1_048_576),
  );
  (context as TestContext).after(() => first.child.kill("SIGKILL"));
  await first.says("ready");
  first.child.kill("SIGKILL");
  await first.exited;
  // Half of the limit is kept: the newest.
  const { output } = JSON.parse(readFileSync(info, "utf8"));
  // Where the plugin says what it dropped.
  const quota = (): string => readFileSync(`${output.directory}/quota`, "utf8");
  await until("the plugin dropped something", () => !/^plugwire-quota-1 \d+ 0+ /.test(quota()), 60_000);
  const next = new Host(currentRuntime, "next", info, `${directory}/next`);
  (context as TestContext).after(() => next.child.kill("SIGKILL"));
  await next.says("ready");
  next.child.stdin!.end();
  await next.says("stopped");
  await next.exited;
  const log = readFileSync(`${directory}/next.log`, "utf8");
  assert.match(log, /^plugwire\.printer: the plugin's stdout took more of the disk than maxOutputBytes/m);
  const delivered = readFileSync(`${directory}/next.stdout`);
  assert.ok(delivered.length > 500_000 && delivered.length < bytes, `${delivered.length} bytes`);
  assert.equal(firstWrong(delivered.subarray(-500_000), bytes - 500_000), undefined);
});
