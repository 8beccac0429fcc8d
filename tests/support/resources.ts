/** Counts what a test may have left behind. Reads `/proc`, and so sees the same on every runtime. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Sockets and pipes that this process has open, and processes it has started and not yet seen end. */
export interface Resources {
  readonly descriptors: number;
  readonly children: number;
}

/** Counts now. Zero of both where there is no `/proc`. */
export function countResources(): Resources {
  return { descriptors: openDescriptors(), children: livingChildren() };
}

/**
 * Waits until there is no more of anything than `before`, at most 3 s: closing takes a turn or two of the event loop.
 * Gives the last count, for the assertion.
 */
export async function resourcesBackTo(before: Resources): Promise<Resources> {
  const deadline = performance.now() + 3_000;
  let now = countResources();
  while ((now.descriptors > before.descriptors || now.children > before.children) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    now = countResources();
  }
  return now;
}

function openDescriptors(): number {
  let count = 0;
  for (const fd of names("/proc/self/fd")) {
    try {
      if (/^(socket|pipe):/.test(readlinkSync(`/proc/self/fd/${fd}`))) count++;
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return count;
}

function livingChildren(): number {
  let count = 0;
  for (const task of names("/proc/self/task")) {
    try {
      const children = readFileSync(`/proc/self/task/${task}/children`, "utf8").trim();
      if (children !== "") count += children.split(" ").length;
    } catch {
      // The thread has ended.
    }
  }
  return count;
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
