import { execFile, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LaunchOptions } from "../../mod.ts";
import type { ChildProcess } from "../../src/runtime/runtime.ts";
import { currentRuntime, runtimeCommand, runtimeNames } from "../support/runtimes.ts";
import type { Random } from "../support/wire_random.ts";
import { drawDamage, FaultyLink } from "./_faulty_link.ts";
import { faultyRuntime, type Meddling } from "./_faulty_runtime.ts";
import { tryPlugin, within } from "./_trial.ts";

/** One launch with one fault. */
export interface Trial {
  readonly random: Random;
  /** In the environment of every process of this trial. */
  readonly env: Readonly<Record<string, string>>;
  /** Its number, for names of files. */
  readonly name: string;
}

/** Plays a fault. @returns How it ended, see {@linkcode tryPlugin}. */
export type Fault = (trial: Trial) => Promise<string>;

const plugin = new URL("./_plugin.ts", import.meta.url);
const host = new URL("./_host.ts", import.meta.url);
/** Time for what has no fault, in ms: the machine may have other things to do. */
const patientMs = 30_000;
/** Longest time of a host in a process of its own, in ms. */
const hostMs = 25_000;

function drawCommand(random: Random): string[] {
  return runtimeCommand(random.pick(runtimeNames), plugin);
}

async function tryWith(
  trial: Trial,
  meddling: Meddling,
  entry = drawCommand(trial.random),
  more: LaunchOptions = {},
  callTimeoutMs?: number,
): Promise<string> {
  const { random, env } = trial;
  const transport = random.chance(0.7) ? "unix" : "stdio";
  return await tryPlugin(
    entry,
    { adapter: await faultyRuntime(meddling), transport, env, ...more },
    random,
    callTimeoutMs,
  );
}

/** Sends signals to a plugin's process from the moment it is there: each so many ms after the one before. */
function signals(...steps: readonly (readonly [afterMs: number, name: string])[]): Meddling {
  return {
    started(child: ChildProcess) {
      let atMs = 0;
      for (const [afterMs, name] of steps) {
        atMs += afterMs;
        const timer = setTimeout(() => child.kill(name), atMs);
        void child.exited.then(() => clearTimeout(timer));
      }
    },
  };
}

function noise(random: Random, length: number): Uint8Array {
  const isText = random.chance(0.5);
  return Uint8Array.from({ length }, () =>
    isText ? random.pick([10, 32, 48, 49, 124, 124, 97, 117]) : random.below(256),
  );
}

/** A program that prints noise and then does something else. */
function noisy({ random, name }: Trial, then: string, ...command: readonly string[]): string[] {
  const file = join(tmpdir(), `noise-${name}`);
  writeFileSync(file, noise(random, random.below(random.chance(0.1) ? 200_000 : 400)));
  return ["sh", "-c", `cat "$0"; rm -f "$0"; ${then}`, file, ...command];
}

/** Runs a host in a process of its own. */
async function runHost(
  trial: Trial,
  wrap: readonly string[],
  meddle: (pid: number) => void = () => {},
): Promise<string> {
  const seed = String(trial.random.below(1_000_000));
  const [file = "", ...args] = [...wrap, ...runtimeCommand(currentRuntime, host, seed, ...drawCommand(trial.random))];
  const env = { ...process.env, ...trial.env };
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = new Promise<string | null>((resolve) => child.once("close", (_, signal) => resolve(signal)));
  if (child.pid !== undefined) meddle(child.pid);
  try {
    const signal = await within("a host", hostMs, () => closed);
    const outcome = /^outcome (\w+)$/m.exec(output)?.[1];
    return outcome ?? (signal === null ? hostFailure(output) : `host ${signal}`);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** A host that had not the means to run at all is none of ours to judge; one that failed with another error is. */
function hostFailure(output: string): string {
  if (/EMFILE|ENFILE|Too many open files|ENOSPC|No space left|ulimit/i.test(output) && !/PluginError/.test(output))
    return "host could not run";
  throw new Error(`a host failed with an error of no type: ${output.slice(-2_000)}`);
}

/** How often each is drawn, and what it is. */
export const faults: Readonly<Record<string, readonly [weight: number, fault: Fault]>> = {
  none: [4, (trial) => tryWith(trial, {}, undefined, { startTimeoutMs: patientMs }, patientMs)],
  "plugin killed": [
    16,
    (trial) => {
      const name = trial.random.pick(["SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGHUP", "SIGINT"]);
      return tryWith(trial, signals([trial.random.below(250), name]));
    },
  ],
  "plugin stopped and continued": [
    8,
    (trial) => tryWith(trial, signals([trial.random.below(250), "SIGSTOP"], [trial.random.below(1_500), "SIGCONT"])),
  ],
  "plugin stopped for good": [2, (trial) => tryWith(trial, signals([trial.random.below(250), "SIGSTOP"]))],
  "damaged from the plugin": [
    16,
    (trial) => {
      const damage = { in: drawDamage(trial.random) };
      return tryWith(trial, { link: (link) => new FaultyLink(link, damage) });
    },
  ],
  "damaged from the host": [
    12,
    (trial) => {
      const damage = { out: drawDamage(trial.random) };
      return tryWith(trial, { link: (link) => new FaultyLink(link, damage) });
    },
  ],
  "noise before the line": [6, (trial) => tryWith(trial, {}, noisy(trial, 'exec "$@"', ...drawCommand(trial.random)))],
  "noise and an end": [4, (trial) => tryWith(trial, {}, noisy(trial, `exit ${trial.random.below(256)}`))],
  "noise and silence": [2, (trial) => tryWith(trial, {}, noisy(trial, "exec sleep 60"))],
  "plugin short of descriptors": [
    6,
    (trial) => {
      const limit = `ulimit -n ${trial.random.between(3, 40)}; exec "$@"`;
      return tryWith(trial, {}, ["sh", "-c", limit, "sh", ...drawCommand(trial.random)]);
    },
  ],
  "start given up": [
    5,
    (trial) => {
      const giveUp = new AbortController();
      const timer = setTimeout(() => giveUp.abort(), trial.random.below(250));
      return tryWith(trial, {}, undefined, { signal: giveUp.signal }).finally(() => clearTimeout(timer));
    },
  ],
  "socket directory removed": [
    4,
    (trial) => {
      const afterMs = trial.random.below(200);
      const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
      return tryWith(trial, { directory: (path) => void setTimeout(remove, afterMs, path) });
    },
  ],
  "host killed": [
    8,
    (trial) => runHost(trial, [], (pid) => void setTimeout(() => kill(pid), trial.random.between(50, 600))),
  ],
  "host short of descriptors": [
    4,
    (trial) => runHost(trial, ["sh", "-c", `ulimit -n ${trial.random.between(12, 60)}; exec "$@"`, "sh"]),
  ],
  "disk full": [
    4,
    (trial) => {
      const size = trial.random.pick(["nr_inodes=1", "nr_inodes=2", "nr_inodes=3", "nr_inodes=4", "size=4k"]);
      const mount = `mount -t tmpfs -o ${size} none "$TMPDIR" && exec "$@"`;
      return runHost(trial, ["unshare", "--mount", "sh", "-c", mount, "sh"]);
    },
  ],
};

/** Why a fault cannot be had on this machine; `undefined` when it can. */
export async function whyNot(fault: string): Promise<string | undefined> {
  if (fault !== "disk full") return undefined;
  const run = promisify(execFile);
  return await run("unshare", ["--mount", "sh", "-c", `mount -t tmpfs -o size=4k none ${tmpdir()}`]).then(
    () => undefined,
    () => "no file system of its own can be mounted (unshare, mount)",
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended.
  }
}
