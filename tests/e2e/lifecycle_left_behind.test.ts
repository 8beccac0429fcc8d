/**
 * What is left of a plugin when all has gone wrong at once: hosts that end in the midst of calls or lose their terminal,
 * plugins that heed nothing, and processes that plugins started.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { gone, isRunning, launchDirectories, leavesNothing, pluginError, program } from "../support/life.ts";
import { currentRuntime, runtimeCommand, runtimeNames } from "../support/runtimes.ts";
import { noPty, Terminal } from "../support/terminal.ts";

interface Pids {
  readonly plugin: number;
  readonly grandchild: number;
}

function hostCommand(plugin: string, next: string, args: readonly string[]): string[] {
  return runtimeCommand(currentRuntime, program("host_dies.ts"), plugin, "unix", next, ...args);
}

/** Starts a host on this test's runtime; without `setpriv` the plugin itself has to see that the host is gone. */
function startHost(plugin: string, next: string, args: readonly string[] = [], withoutSetpriv = false): ChildProcess {
  const [file = "", ...rest] = hostCommand(plugin, next, args);
  const bin = path.dirname(file);
  const env = { ...process.env, PATH: withoutSetpriv ? bin : `${bin}:${process.env.PATH}` };
  return spawn(file, rest, { env, stdio: ["ignore", "pipe", "ignore"] });
}

async function pidsOf(host: ChildProcess): Promise<Pids> {
  let text = "";
  for await (const chunk of host.stdout!) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return JSON.parse(text) as Pids;
}

function ended(host: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  if (host.exitCode !== null || host.signalCode !== null)
    return Promise.resolve({ code: host.exitCode, signal: host.signalCode });
  return new Promise((resolve) => host.on("exit", (code, signal) => resolve({ code, signal })));
}

for (const plugin of runtimeNames) {
  for (const [next, code] of [
    ["exitInCall", 7],
    ["throwInCall", 1],
  ] as const) {
    test(`a host that ends by ${next} takes a plugin on ${plugin} along, which heeds nothing, and its child`, async () => {
      const host = startHost(plugin, next, ["lingers", "deaf", "hasChild"]);
      const pids = await pidsOf(host);
      assert.equal((await ended(host)).code, code);
      await gone(pids.plugin);
      // An uncaught error on Deno calls no exit listeners: to the plugin's child that is as if the host were killed.
      if (currentRuntime === "deno" && next === "throwInCall") process.kill(pids.grandchild, "SIGKILL");
      await gone(pids.grandchild);
      assert.deepEqual(launchDirectories(host.pid), []);
    });
  }

  for (const withoutSetpriv of [false, true]) {
    const how = withoutSetpriv ? ", which has to see it itself," : "";
    test(`a plugin on ${plugin} that ignores SIGTERM${how} is gone when its host was killed`, async () => {
      const host = startHost(plugin, "call", ["lingers", "deaf"], withoutSetpriv);
      const pids = await pidsOf(host);
      host.kill("SIGKILL");
      await ended(host);
      await gone(pids.plugin, 10_000);
      assert.deepEqual(launchDirectories(host.pid), []);
    });
  }

  test(`a plugin on ${plugin} is gone when its host lost its terminal`, { skip: noPty }, async () => {
    const terminal = new Terminal(hostCommand(plugin, "call", []));
    const [, pid] = await terminal.see(/"plugin":(\d+)/);
    terminal.hangUp();
    assert.equal((await terminal.ended).signal, "SIGHUP");
    await gone(Number(pid));
  });

  for (const how of ["exits", "is killed"]) {
    test(`the child of a plugin on ${plugin} that ${how} by itself is gone with it`, async () => {
      await leavesNothing(async () => {
        const running = await launch(program("plugin.ts"), { runtime: plugin, log: false });
        const proxy = running.dispense(life);
        const grandchild = await proxy.grandchild(false);
        await pluginError(how === "exits" ? proxy.exit(3) : proxy.signal("SIGKILL"));
        await running.exited;
        await gone(grandchild);
      });
    });
  }

  test(`the child of a plugin on ${plugin} is left to itself when the host is killed: nobody is there to end it`, async () => {
    const host = startHost(plugin, "idle", ["hasChild"]);
    const { plugin: pid, grandchild } = await pidsOf(host);
    host.kill("SIGKILL");
    await ended(host);
    await gone(pid);
    assert.ok(isRunning(grandchild));
    process.kill(grandchild, "SIGKILL");
    await gone(grandchild);
  });

  test(`nothing stands between the host and a plugin on ${plugin}, and it leaves no zombie when it is killed`, {
    skip: process.platform === "linux" ? false : "there is no /proc",
  }, async () => {
    await leavesNothing(async () => {
      const resources = { openFiles: 512 };
      const running = await launch(program("plugin.ts"), { runtime: plugin, log: false, resources });
      const status = readFileSync(`/proc/${running.pid}/status`, "utf8");
      assert.equal(/^PPid:\s+(\d+)/m.exec(status)?.[1], String(process.pid));
      assert.doesNotMatch(status, /^Name:\s+(setpriv|prlimit|sh)$/m);
      process.kill(running.pid!, "SIGKILL");
      await running.exited;
      await gone(running.pid!);
      assert.throws(() => readFileSync(`/proc/${running.pid}/status`), { code: "ENOENT" });
    });
  });

  test(`SIGINT is for the host to heed: a plugin on ${plugin} goes on`, async () => {
    await using running = await launch(program("plugin.ts"), { runtime: plugin, log: false });
    process.kill(running.pid!, "SIGINT");
    assert.equal(await running.dispense(life).echo("still there"), "still there");
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  });
}
