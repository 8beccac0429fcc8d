import { ErrorCode, PluginError } from "../errors/mod.ts";
import { workerHint } from "./_worker_data.ts";
import type { Runtime } from "./runtime.ts";
import { oldestNode, tooOldNode } from "./too_old.ts";

let detected: Promise<Runtime> | undefined;

/**
 * Finds out what this program runs on, loads the adapter for it, and remembers it.
 *
 * @throws PluginError `unsupported_runtime` where it is none of Node 24 or newer, Deno and Bun.
 *
 * @example
 * ```ts
 * import { detectRuntime } from "./detect.ts";
 * const runtime = await detectRuntime();
 * console.log(runtime.name); // "node", "deno" or "bun"
 * ```
 */
export function detectRuntime(): Promise<Runtime> {
  detected ??= load().catch((error: unknown) => {
    // What failed once, for want of descriptors say, may go well the next time.
    detected = undefined;
    throw PluginError.from(error, ErrorCode.startFailed);
  });
  return detected;
}

async function load(): Promise<Runtime> {
  const runtime = await loadOwn();
  // To find out for certain loads a module, which a plugin that is a process need not wait for.
  if (!mayBeWorker(runtime)) return runtime;
  return (await import("./_worker_side.ts")).workerSide(runtime);
}

/** Deno's own environment is the process's. There is no `self` in a thread of `node:worker_threads` there. */
function mayBeWorker(runtime: Runtime): boolean {
  return runtime.name === "deno" ? !("self" in globalThis) : runtime.env(workerHint) !== undefined;
}

async function loadOwn(): Promise<Runtime> {
  const globals = globalThis as { Deno?: unknown; Bun?: unknown; process?: { versions?: { node?: string } } };
  // Bun and Deno have a `process` too, so that theirs come first.
  if (globals.Bun !== undefined) return (await import("./bun.ts")).createRuntime();
  if (globals.Deno !== undefined) return (await import("./deno.ts")).createRuntime();
  const version = globals.process?.versions?.node;
  if (version === undefined) {
    const message = `Plugwire runs on Node ${oldestNode} or newer, Deno and Bun, and this is none of them`;
    throw new PluginError(ErrorCode.unsupportedRuntime, message);
  }
  const tooOld = tooOldNode();
  if (tooOld !== "") throw new PluginError(ErrorCode.unsupportedRuntime, tooOld);
  return (await import("./node.ts")).createRuntime();
}
