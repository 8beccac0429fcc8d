import { commonRuntime, plainSpawning } from "./_common.ts";
import { openDescriptor } from "./_stdio.ts";
import type { Runtime } from "./runtime.ts";

/**
 * The adapter for Node.
 *
 * @example
 * ```ts
 * import { createRuntime } from "@plugwire/plugwire/node";
 * console.log(createRuntime().name); // "node"
 * ```
 */
export function createRuntime(): Runtime {
  return commonRuntime({
    name: "node",
    version: process.versions.node,
    // Asked for by name: not every Node has the module.
    compiled: () => process.getBuiltinModule?.("node:sea")?.isSea() === true,
    env: (name) => process.env[name],
    environment: () => ({ ...process.env }) as Record<string, string>,
    uid: () => process.getuid?.(),
    openDescriptor,
    spawning: plainSpawning,
    redirectOwn: () => {},
    forgetForChildren: () => {},
    endOnUncaught: () => {},
  });
}
