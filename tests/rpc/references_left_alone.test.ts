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

it("references that are forgotten are given back once they are collected, and failures that nobody can hear end nothing", async () => {
  const script = fileURLToPath(new URL("../fixtures/references/left_alone.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(runtimeExecutable(currentRuntime), [...options, script]);
  const { before, after, unclaimed, unhandled } = JSON.parse(stdout.trim().split("\n").at(-1)!) as {
    before: number;
    after: number;
    unclaimed: number;
    unhandled: string[];
  };
  assert.ok(before > 40, `${before} before`);
  assert.ok(after <= 12, `${after} after, ${before} before`);
  assert.ok(unclaimed <= 3, `${unclaimed} answers are kept for further calls`);
  assert.deepEqual(unhandled, ["broken"]);
});
