import type { LimitedResource } from "../errors/mod.ts";
import type { Resources } from "../runner/mod.ts";
import type { ExitStatus } from "../runtime/runtime.ts";

/** How the heap of V8 ends that may not grow, on Node and Deno. */
const heapSignals: readonly (string | null)[] = ["SIGABRT", "SIGTRAP", "SIGILL"];
const heapWords = /JavaScript (?:heap )?out of memory/;
const filesWords = /\bEMFILE\b|[Tt]oo many open files/;

/** True for what was thrown of a lack of descriptors, on any runtime. */
export function saysTooManyFiles(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return code === "EMFILE" || (typeof message === "string" && filesWords.test(message));
}

/** Whether there is a limit that a process may have ended of, as far as its end alone shows. */
export function mayHaveExceeded({ code, exceeded }: ExitStatus, { memoryBytes, openFiles }: Resources): boolean {
  return exceeded === undefined && code !== 0 && (memoryBytes !== undefined || openFiles !== undefined);
}

/** The limit that a process ended of, by its last words. */
export function exceededBy(
  { signal }: ExitStatus,
  { memoryBytes, openFiles }: Resources,
  stderrTail: string,
): LimitedResource | undefined {
  if (memoryBytes !== undefined && heapSignals.includes(signal) && heapWords.test(stderrTail)) return "memoryBytes";
  return openFiles !== undefined && filesWords.test(stderrTail) ? "openFiles" : undefined;
}

/** A limit that was run into, in words. */
export function describeExceeded(exceeded: LimitedResource, resources: Resources): string {
  const { memoryBytes, openFiles, cpuSeconds } = resources;
  if (exceeded === "memoryBytes")
    return `it ran out of its memory limit${amount(memoryBytes, mebibytes)} (${exceeded})`;
  if (exceeded === "openFiles") return `its limit${amount(openFiles, String)} open files was reached (${exceeded})`;
  return `its limit of processor time${amount(cpuSeconds, (seconds) => `${seconds} s`)} was used up (${exceeded})`;
}

/** Not known to a host that took the plugin over. */
function amount(limit: number | undefined, inWords: (limit: number) => string): string {
  return limit === undefined ? "" : ` of ${inWords(limit)}`;
}

function mebibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toFixed(1))} MiB`;
}
