/** Reattach info that is about somebody else by now, or was never true: typed errors, and nobody is ever sent a signal. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { attach, type ReattachInfo } from "../../mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { tasks } from "../fixtures/reattach/tasks.ts";
import { gone, isRunning, pluginError } from "../support/life.ts";
import { directoryOf, killLeft, launchLasting, leftNothing, withDirectory } from "../support/reattach.ts";

const runtime = await detectRuntime();
const infos: ReattachInfo[] = [];
const strangers: ChildProcess[] = [];
after(() => {
  infos.forEach(killLeft);
  for (const child of strangers) child.kill("SIGKILL");
});
const quiet = { log: false } as const;

async function launched(options: Parameters<typeof launchLasting>[0] = {}) {
  const plugin = await launchLasting(options);
  const info = plugin.reattachInfo();
  infos.push(info);
  return { plugin, info };
}

/** A process that has nothing to do with any of this, the leader of its group as a plugin is. */
async function stranger(): Promise<{ readonly pid: number; readonly started: string; readonly lives: () => boolean }> {
  const child = spawn("sleep", ["600"], { stdio: "ignore", detached: true });
  strangers.push(child);
  await new Promise((resolve) => child.on("spawn", resolve));
  const pid = child.pid!;
  return { pid, started: runtime.processStart(pid)!, lives: () => isRunning(pid) && child.signalCode === null };
}

for (const [what, forge] of [
  ["the number of a stranger", ({ pid }) => ({ pid })],
  ["the number and the start of a stranger", ({ pid, started }) => ({ pid, started })],
  ["another start", () => ({ started: "0-1" })],
  ["another instance", () => ({ instance: "2e1f7b1f-1c2d-4e3f-9041-b2c3d4e5f607" })],
] satisfies readonly (readonly [
  string,
  (stranger: { readonly pid: number; readonly started: string }) => Partial<ReattachInfo>,
])[]) {
  test(`info with ${what} is wrong_instance; neither process hears of it, and the owner keeps its place`, async () => {
    const { plugin, info } = await launched();
    const { pid, started, lives } = await stranger();
    const error = await pluginError(attach({ ...info, ...forge({ pid, started }) }, quiet));
    assert.equal(error.code, "wrong_instance");
    assert.equal(error.execution, "none");
    assert.ok(lives());
    assert.equal(await plugin.dispense(tasks).count(), 1);
    await plugin.stop();
    await leftNothing(info);
    assert.ok(lives());
  });
}

test("info with another secret is authentication, and the owner keeps its place", async () => {
  const { plugin, info } = await launched();
  const error = await pluginError(attach({ ...info, secret: "00".repeat(32) }, quiet));
  assert.equal(error.code, "authentication");
  const without = await pluginError(attach({ ...info, secret: null }, quiet));
  assert.equal(without.code, "authentication");
  assert.equal(await plugin.dispense(tasks).count(), 1);
  await plugin.stop();
  await leftNothing(info);
});

test("info with the address of another plugin is authentication, as that has another secret", async () => {
  const [{ plugin, info }, other] = await Promise.all([launched(), launched()]);
  const error = await pluginError(attach({ ...info, address: other.info.address }, quiet));
  assert.equal(error.code, "authentication");
  assert.equal(await other.plugin.dispense(tasks).count(), 1);
  await Promise.all([plugin.stop(), other.plugin.stop()]);
  await Promise.all([leftNothing(info), leftNothing(other.info)]);
});

test("the info of a plugin that is gone is exited, whoever has its number now, and that one is left alone", async () => {
  const { plugin, info } = await launched();
  await plugin.stop();
  const { pid, started, lives } = await stranger();
  for (const forged of [info, { ...info, pid }, { ...info, pid, started }]) {
    const error = await pluginError(attach(forged, quiet));
    // A stranger that began when the info says is what the info says; nobody listens there.
    assert.equal(error.code, forged.started === started ? "connect_failed" : "exited");
    assert.ok(lives());
  }
});

test("a plugin that was killed without a host is exited, with its last words, and what it left is removed", async () => {
  const { plugin, info } = await launched();
  await plugin.detach();
  process.kill(info.pid, "SIGKILL");
  await gone(info.pid);
  assert.ok(existsSync(directoryOf(info)));
  writeFileSync(path.join(info.output!.directory, "stderr"), "its last words\n", { flag: "a" });
  const error = await pluginError(attach(info, quiet));
  assert.equal(error.code, "exited");
  assert.match(error.message, /not running any more/);
  assert.match(error.message, /its last words/);
  assert.ok(!existsSync(directoryOf(info)));
  assert.equal((await pluginError(attach(info, quiet))).code, "exited");
});

test("only a directory that a launch made is ever removed, whatever the info says", async () => {
  const { plugin, info } = await launched();
  await plugin.stop();
  await withDirectory(async (directory) => {
    mkdirSync(path.join(directory, "kept"));
    const address = { network: "unix", path: path.join(directory, "kept", "s") } as const;
    assert.equal((await pluginError(attach({ ...info, address }, quiet))).code, "exited");
    assert.ok(existsSync(path.join(directory, "kept")));
  });
});

test("something else at the address is not_plugwire, and one that never answers is timeout", async () => {
  const { plugin, info } = await launched();
  await plugin.stop();
  await withDirectory(async (directory) => {
    for (const [answer, code, startTimeoutMs] of [
      ["SSH-2.0-other\r\n", "not_plugwire", 10_000],
      ["", "timeout", 300],
    ] as const) {
      const at = path.join(directory, `s${answer.length}`);
      const server = createServer((socket) => {
        socket.on("error", () => {});
        if (answer !== "") socket.write(answer);
      });
      await new Promise<void>((resolve) => server.listen(at, resolve));
      const address = { network: "unix", path: at } as const;
      try {
        const error = await pluginError(attach({ ...info, address }, { ...quiet, startTimeoutMs }));
        assert.equal(error.code, code);
      } finally {
        server.close();
      }
    }
  });
});

test("an attach is given up by its signal, with the signal's reason", async () => {
  await withDirectory(async (directory) => {
    const { plugin, info } = await launched();
    await plugin.stop();
    const at = path.join(directory, "s");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at, resolve));
    const reason = new Error("enough");
    const giveUp = new AbortController();
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      giveUp.abort(reason);
    });
    const address = { network: "unix", path: at } as const;
    await assert.rejects(
      attach({ ...info, address }, { ...quiet, signal: giveUp.signal }),
      (error) => error === reason,
    );
    server.close();
  });
});

test("a plugin of another host that heeds neither its session nor SIGTERM is killed by its new owner, and only that", async () => {
  const { plugin, info } = await launched({ args: ["lingers", "deaf"] });
  const { lives } = await stranger();
  const next = await attach(info, quiet);
  await next.stop({ graceMs: 100 });
  assert.deepEqual(await next.exited, { code: null, signal: null });
  await leftNothing(info);
  assert.ok(lives());
  await plugin.stop();
});
