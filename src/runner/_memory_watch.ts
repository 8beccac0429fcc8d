import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Room in `/proc/PID/status` for all that comes before and with the memory, in bytes. */
const statusBytes = 4_096;
/** How fast memory can grow at most, in bytes per ms: what the machines at hand fill is half of it. */
const fastestGrowth = 4_000_000;
/** Time between two looks, in ms. */
const soonestMs = 10;
const latestMs = 250;

/** Tells how much memory of its own a process uses, in bytes; `undefined` when it has ended. */
async function memoryOf(pid: number, runtime: Runtime): Promise<number | undefined> {
  const text = new TextDecoder().decode(await runtime.readHead(`/proc/${pid}/status`, statusBytes));
  // Resident and private, shared with nobody but by name, or swapped out: all that ends with the process.
  const fields = [...text.matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$/gm)];
  if (fields.length === 0) return undefined;
  return fields.reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1_024, 0);
}

/** What a process has used of its memory. */
export interface MemoryWatch {
  /** It used more than its limit. */
  readonly isExceeded: boolean;
  /** Looks no more. */
  stop(): void;
}

/**
 * Looks at what a process uses, the more often the less there is left. No limit of the system will do: all three runtimes
 * reserve hundreds of megabytes of addresses that they never use, and are refused these under `RLIMIT_AS` and `RLIMIT_DATA`.
 *
 * @param over Called once, when it uses more than its limit.
 * @throws PluginError `start_failed` where that cannot be seen.
 */
export async function watchMemory(
  pid: number,
  memoryBytes: number,
  runtime: Runtime,
  over: () => void,
): Promise<MemoryWatch> {
  if (runtime.os !== "linux") {
    const text = `cannot limit resources.memoryBytes: what a process uses is only seen on Linux, and this is ${runtime.os}`;
    throw new PluginError(ErrorCode.startFailed, text, { execution: "none" });
  }
  let used = await firstLook(pid, runtime);
  let isExceeded = false;
  let timer: { cancel(): void } | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      used = await memoryOf(pid, runtime);
    } catch {
      // It has ended, or this host has no descriptor left for the file: the next look tells.
    }
    if (!isOver) next();
  };
  const next = (): void => {
    if (used !== undefined && used > memoryBytes) {
      isExceeded = true;
      return over();
    }
    const leftMs = (memoryBytes - (used ?? 0)) / fastestGrowth;
    timer = runtime.setTimer(() => void look(), Math.min(Math.max(leftMs, soonestMs), latestMs));
  };
  next();
  return {
    get isExceeded() {
      return isExceeded;
    },
    stop: () => {
      isOver = true;
      timer?.cancel();
    },
  };
}

async function firstLook(pid: number, runtime: Runtime): Promise<number | undefined> {
  try {
    return await memoryOf(pid, runtime);
  } catch (cause) {
    if (!runtime.isAlive(pid)) return undefined;
    const way = runtime.name === "deno" ? "; on Deno that takes --allow-all" : "";
    throw new PluginError(
      ErrorCode.startFailed,
      `cannot limit resources.memoryBytes: what a process uses cannot be read from /proc${way}`,
      { execution: "none", cause },
    );
  }
}
