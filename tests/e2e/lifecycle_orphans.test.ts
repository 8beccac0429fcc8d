/** Hosts that are killed or end without a stop: no plugin outlives them, and no socket or directory. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { gone, isRunning, launchDirectories, program } from "../support/life.ts";
import { currentRuntime, runtimeCommand, runtimeNames, type TestRuntime } from "../support/runtimes.ts";

interface HostOptions {
  readonly plugin?: TestRuntime;
  readonly transport?: "unix" | "stdio";
  readonly next: "idle" | "call" | "block" | "exit" | "throw";
  /** Without `setpriv` the plugin itself has to see that its host is gone. */
  readonly withoutSetpriv?: boolean;
}

/** Starts a host on this test's runtime. */
function startHost({ plugin = currentRuntime, transport = "unix", next, withoutSetpriv }: HostOptions): ChildProcess {
  const [file = "", ...args] = runtimeCommand(currentRuntime, program("host_dies.ts"), plugin, transport, next);
  const bin = path.dirname(file);
  const env = { ...process.env, PATH: withoutSetpriv ? bin : `${bin}:${process.env.PATH}` };
  return spawn(file, args, { env, stdio: ["ignore", "pipe", "ignore"] });
}

/** Its first line: the plugin is there, and does what it was asked to. */
async function pluginOf(host: ChildProcess): Promise<number> {
  let text = "";
  for await (const chunk of host.stdout!) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return (JSON.parse(text) as { plugin: number }).plugin;
}

function ended(host: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  if (host.exitCode !== null || host.signalCode !== null)
    return Promise.resolve({ code: host.exitCode, signal: host.signalCode });
  return new Promise((resolve) => host.on("exit", (code, signal) => resolve({ code, signal })));
}

/** Pids of what a process has started. */
function childrenOf(pid: number): number[] {
  const found: number[] = [];
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
      if (text !== "") found.push(...text.split(" ").map(Number));
    }
  } catch {
    // It has ended meanwhile.
  }
  return found;
}

for (const plugin of runtimeNames) {
  for (const transport of ["unix", "stdio"] as const) {
    for (const withoutSetpriv of [false, true]) {
      const how = withoutSetpriv ? " that has to see it itself" : "";
      test(`a plugin on ${plugin} over ${transport}${how} is gone when its host was killed`, async () => {
        const host = startHost({ plugin, transport, next: "idle", withoutSetpriv });
        const pid = await pluginOf(host);
        assert.ok(isRunning(pid));
        host.kill("SIGKILL");
        await ended(host);
        await gone(pid);
        assert.deepEqual(launchDirectories(host.pid), []);
      });
    }
  }

  test(`a plugin on ${plugin} is gone when its host was killed in the midst of a call`, async () => {
    const host = startHost({ plugin, next: "call", withoutSetpriv: true });
    const pid = await pluginOf(host);
    host.kill("SIGKILL");
    await ended(host);
    await gone(pid);
    assert.deepEqual(launchDirectories(host.pid), []);
  });

  test(`a plugin on ${plugin} whose event loop is blocked is gone when its host was killed`, {
    skip: process.platform === "linux" ? false : "the system has no parent-death signal",
  }, async () => {
    const host = startHost({ plugin, next: "block" });
    const pid = await pluginOf(host);
    host.kill("SIGKILL");
    await ended(host);
    await gone(pid);
  });

  test(`a plugin on ${plugin} is gone when its host got SIGTERM and did not heed it`, async () => {
    const host = startHost({ plugin, next: "idle" });
    const pid = await pluginOf(host);
    host.kill("SIGTERM");
    assert.equal((await ended(host)).signal, "SIGTERM");
    await gone(pid);
  });
}

for (const [next, code] of [
  ["exit", 7],
  ["throw", 1],
] as const) {
  for (const transport of ["unix", "stdio"] as const) {
    test(`a host that ends by ${next} over ${transport} takes its plugin along`, async () => {
      const host = startHost({ next, transport });
      const pid = await pluginOf(host);
      assert.equal((await ended(host)).code, code);
      await gone(pid);
      assert.deepEqual(launchDirectories(host.pid), []);
    });
  }
}

/** The names in the directories that a host has made for sockets. */
function namesInDirectories(pid: number): string[] {
  return launchDirectories(pid).flatMap((name) => {
    try {
      return readdirSync(path.join(tmpdir(), name));
    } catch {
      return []; // Removed meanwhile.
    }
  });
}

/** How far a host has come in starting its plugin. */
const momentsOfStart: readonly ((pid: number) => boolean)[] = [
  (pid) => launchDirectories(pid).length > 0,
  (pid) => childrenOf(pid).length > 0,
  (pid) => namesInDirectories(pid).length > 0,
  // Its plugin is joined: never before the start is over.
  () => false,
];

test("a host that is killed while its plugin starts leaves no process, and the next host removes its directory", async () => {
  const left: string[] = [];
  for (const isReached of momentsOfStart) {
    const host = startHost({ next: "idle" });
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    // A host that was killed has said nothing.
    pluginOf(host).then(over, over);
    // Some moments are short: when one was missed, the start is over.
    while (!isReached(host.pid!) && !isOver) await new Promise((resolve) => setImmediate(resolve));
    const children = childrenOf(host.pid!);
    host.kill("SIGKILL");
    await ended(host);
    for (const pid of children) await gone(pid);
    left.push(...launchDirectories(host.pid));
  }
  // Young ones may belong to a host that this one cannot see; these are made to look old.
  const old = new Date(Date.now() - 120_000);
  for (const name of left) utimesSync(path.join(tmpdir(), name), old, old);
  await runAnotherHost();
  for (const name of left) assert.ok(!readdirSync(tmpdir()).includes(name), `${name} is left`);
});

test("a directory of a dead host is removed; a young one, one of a living host and one of another name are not", async () => {
  const dead = 2 ** 22 + 1;
  const old = new Date(Date.now() - 120_000);
  const make = (name: string, time: Date): string => {
    const directory = path.join(tmpdir(), name);
    mkdirSync(directory);
    utimesSync(directory, time, time);
    return name;
  };
  const swept = make(`plugwire-${dead}-abcdef`, old);
  const kept = [
    make(`plugwire-${dead}-young1`, new Date()),
    make(`plugwire-${process.pid}-living`, old),
    make(`plugwire-links-abcdef`, old),
    make(`other-${dead}-abcdef`, old),
  ];
  try {
    await runAnotherHost();
    const names = readdirSync(tmpdir());
    assert.ok(!names.includes(swept));
    assert.deepEqual(
      kept.filter((name) => !names.includes(name)),
      [],
    );
  } finally {
    for (const name of kept) rmSync(path.join(tmpdir(), name), { recursive: true });
  }
});

/** A launch in a new process, to its end: the sweep runs beside it. */
async function runAnotherHost(): Promise<void> {
  const host = startHost({ next: "idle" });
  await pluginOf(host);
  host.kill("SIGKILL");
  await ended(host);
}

test("a plugin that a worker launched ends with the worker", async () => {
  const worker = new Worker(program("worker_host.ts"));
  const plugin = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  assert.ok(isRunning(plugin));
  await worker.terminate();
  await gone(plugin);
});
