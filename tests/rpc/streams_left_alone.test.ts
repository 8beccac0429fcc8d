import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { currentRuntime, runtimeExecutable } from "../support/runtimes.ts";

const options = {
  node: ["--expose-gc"],
  deno: ["run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  bun: ["run"],
}[currentRuntime];

interface Left {
  readonly streams: number;
  readonly held: number;
}

it("streams that are forgotten, unread or half read, stop their sources once they are collected", async () => {
  const script = fileURLToPath(new URL("../fixtures/streams/left_alone.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(runtimeExecutable(currentRuntime), [...options, script]);
  const { all, stopped, before, after } = JSON.parse(stdout.trim().split("\n").at(-1)!) as {
    all: number;
    stopped: number;
    before: Left;
    after: Left;
  };
  // Some may have been collected on the way.
  assert.ok(before.streams > 2 && before.held > 4, JSON.stringify(before));
  // A collector may take the last one of each kind for reachable.
  assert.ok(stopped >= all - 4, `${stopped} of ${all} were stopped`);
  assert.ok(after.streams <= 2 && after.held <= 8, JSON.stringify(after));
});
