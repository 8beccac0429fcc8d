import { detectRuntime } from "../runtime/detect.ts";
import { run } from "./run.ts";

/**
 * Runs the `plugwire` command with the arguments of this process, and ends the process with its exit code.
 *
 * @returns Never settles with a value: the process has ended.
 * @throws PluginError `unsupported_runtime` where this is none of Node 24 or newer, Deno and Bun.
 */
export async function main(): Promise<never> {
  const runtime = await detectRuntime();
  return runtime.exit(await run(runtime.args, runtime));
}
