import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { attach, contract, inProcess, type Served } from "../../mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";
import { currentRuntime, runtimeExecutable } from "../support/runtimes.ts";

const options = {
  node: ["--expose-gc"],
  deno: ["run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  bun: ["run"],
}[currentRuntime];

/** What a script of this folder's fixtures prints, on the runtime that runs this test. */
async function printed(name: string): Promise<unknown> {
  const script = fileURLToPath(new URL(`../fixtures/calls/${name}`, import.meta.url));
  const { stdout } = await promisify(execFile)(runtimeExecutable(currentRuntime), [...options, script]);
  return JSON.parse(stdout);
}

it("a call that nobody awaits rejects as any promise does, and nothing else goes unhandled", async () => {
  const unhandled = (await printed("unawaited.ts")) as string[];
  assert.equal(unhandled.length, 1, unhandled.join("\n"));
  assert.match(unhandled[0]!, /^slow\.wait may have run: /);
});

it("proxies that are forgotten are given back once they are collected", async () => {
  const { before, after } = (await printed("forgotten.ts")) as { before: number; after: number };
  assert.ok(before > 10 && after <= 10, `${before} before, ${after} after`);
});

it("attaching can be given up", async () => {
  const [ours] = memoryLinks();
  const controller = new AbortController();
  const attaching = attach(ours, { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(attaching, (error) => error === "enough");
  await assert.rejects(attach(ours, { signal: AbortSignal.abort("before") }), (error) => error === "before");
});

it("what cannot be served is a mistake of the caller, told before anything begins", async () => {
  const bare = contract("bare", {}) as never as Served;
  await assert.rejects(inProcess(bare), TypeError);
  await assert.rejects(inProcess([], { provide: [bare] }), TypeError);
  const twice = contract("twice", {}).implement({});
  await assert.rejects(inProcess(twice, twice), TypeError);
  await assert.rejects(inProcess([], { provide: [twice, twice] }), TypeError);
});
