import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { binary, type RuntimeName, root } from "../../lib/repository.ts";
import { type Place, pinCommand } from "./pin.ts";
import type { CaseName, Effort, Result } from "./result.ts";

/** Cases that are measured in one process, and on which CPU it begins. */
interface Group {
  readonly cases: readonly CaseName[];
  readonly place?: Place;
}

/**
 * Where the system puts host and plugin decides a single call's time more than anything in it: 18 us on one CPU, 60 on
 * two, in the same program. So these are measured on one, where that can be had; and a byte stream with a CPU for each side.
 */
const groups: readonly Group[] = [
  { cases: ["call_p50", "call_p99"], place: "last" },
  { cases: ["calls_16", "calls_64", "calls_256"] },
  { cases: ["byte_stream"], place: "first" },
  { cases: ["stream_values"], place: "first" },
  { cases: ["stream_bytes_argument"], place: "first" },
  { cases: ["validated_call", "callback_call", "pipelined_100"], place: "last" },
  { cases: ["launch_first_reply"] },
  { cases: ["idle_plugin_heap"] },
];

/** No group takes this long unless it hangs. */
const groupTimeoutMs = 300_000;

/** Runs cases on a runtime, in fresh processes. @throws Error when one fails. */
export async function runCases(
  runtime: RuntimeName,
  cases: ReadonlySet<CaseName>,
  effort: Effort,
  onResult: (result: Result) => void,
): Promise<void> {
  for (const group of groups) {
    const wanted = group.cases.filter((name) => cases.has(name));
    if (wanted.length > 0)
      await runGroup(runtime, wanted, effort, group.place === undefined ? [] : pinCommand(group.place), onResult);
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
