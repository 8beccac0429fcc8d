import { spawn, spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { binary, type RuntimeName, root } from "../../lib/repository.ts";
import type { CaseName, Effort, Result } from "./result.ts";

/** Cases that are measured in one process, and whether on one CPU. */
interface Group {
  readonly cases: readonly CaseName[];
  readonly pinned: boolean;
}

/**
 * Where the system puts host and plugin decides a single call's time more than anything in it: 18 us on one CPU, 60 on
 * two, in the same program. So these are measured on one, where that can be had.
 */
const groups: readonly Group[] = [
  { cases: ["call_p50", "call_p99"], pinned: true },
  { cases: ["calls_16", "calls_64", "calls_256"], pinned: false },
  { cases: ["byte_stream"], pinned: false },
  { cases: ["launch_first_reply"], pinned: false },
  { cases: ["idle_plugin_heap"], pinned: false },
];

/** No group takes this long unless it hangs. */
const groupTimeoutMs = 300_000;

/** What it takes to run on one CPU, the last one; empty where that cannot be had. */
export function pinCommand(): readonly string[] {
  const command = ["taskset", "-c", String(cpus().length - 1)];
  return spawnSync("taskset", ["-c", command[2]!, "true"]).status === 0 ? command : [];
}

/** Runs cases on a runtime, in fresh processes. @throws Error when one fails. */
export async function runCases(
  runtime: RuntimeName,
  cases: ReadonlySet<CaseName>,
  effort: Effort,
  onResult: (result: Result) => void,
): Promise<void> {
  const pin = pinCommand();
  for (const group of groups) {
    const wanted = group.cases.filter((name) => cases.has(name));
    if (wanted.length > 0) await runGroup(runtime, wanted, effort, group.pinned ? pin : [], onResult);
  }
}

/** The command of one group. */
export function measureCommand(runtime: RuntimeName): string[] {
  const flags = {
    node: ["--expose-gc"],
    deno: ["run", "-A", "--v8-flags=--expose-gc"],
    bun: ["run"],
  }[runtime];
  return [binary(runtime), ...flags, fileURLToPath(new URL("../measure.ts", import.meta.url))];
}

async function runGroup(
  runtime: RuntimeName,
  cases: readonly CaseName[],
  effort: Effort,
  pin: readonly string[],
  onResult: (result: Result) => void,
): Promise<void> {
  const [file = "", ...args] = [...pin, ...measureCommand(runtime), JSON.stringify({ cases, effort })];
  // A group of its own, so that nothing of it is left when it has to be killed.
  const child = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const kill = (): void => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  process.once("exit", kill);
  const timer = setTimeout(kill, groupTimeoutMs);
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(`${signal ?? code}`));
  });
  for await (const line of createInterface({ input: child.stdout })) onResult(JSON.parse(line) as Result);
  const how = await ended;
  clearTimeout(timer);
  process.off("exit", kill);
  kill();
  if (how !== "0") throw new Error(`measuring ${cases.join(", ")} on ${runtime} ended with ${how}`);
}
