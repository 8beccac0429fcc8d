/** When processes began that need be no children, and signals that are bound to that. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { until } from "../support/until.ts";

const runtime = await detectRuntime();

async function started(command: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  await new Promise((resolve) => child.on("spawn", resolve));
  return child;
}

function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
}

test("a process began at one time, as long as it lives, and another at another", async () => {
  const own = runtime.processStart(process.pid);
  assert.ok(own !== undefined && own !== "");
  assert.equal(runtime.processStart(process.pid), own);
  const child = await started("sleep", "600");
  const over = ended(child);
  const start = runtime.processStart(child.pid!);
  assert.ok(start !== undefined);
  assert.notEqual(start, own);
  assert.equal(runtime.signalProcess(child.pid!, start, "SIGKILL"), true);
  assert.deepEqual(await over, { code: null, signal: "SIGKILL" });
  assert.equal(runtime.processStart(child.pid!), undefined);
  assert.equal(runtime.signalProcess(child.pid!, start, "SIGKILL"), false);
});

test("a signal for a process that began at another time is not sent", async () => {
  const child = await started("sleep", "600");
  const over = ended(child);
  const start = runtime.processStart(child.pid!)!;
  for (const other of ["", "0", `${start}0`, runtime.processStart(process.pid)!]) {
    assert.equal(runtime.signalProcess(child.pid!, other, "SIGKILL"), false);
  }
  assert.equal(runtime.processStart(child.pid!), start);
  child.kill("SIGTERM");
  assert.deepEqual(await over, { code: null, signal: "SIGTERM" });
});

test("a process that has ended, and whose parent has not asked how, has no start", {
  skip: process.platform === "linux" ? false : "made with /proc",
}, async () => {
  // The shell does not wait for its child before it has read a line.
  const child = spawn("sh", ["-c", "sleep 0 & echo $!; read line"], { stdio: ["pipe", "pipe", "ignore"] });
  const over = ended(child);
  let text = "";
  for await (const chunk of child.stdout!) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const pid = Number(text);
  await until("it has no start", () => runtime.processStart(pid) === undefined);
  child.stdin!.end("\n");
  await over;
});

test("what is no number of a process has no start", () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 53]) assert.equal(runtime.processStart(pid), undefined);
});
