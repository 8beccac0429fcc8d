import { commonRuntime, plainSpawning } from "./_common.ts";
import { openDescriptor } from "./_stdio.ts";
import type { Runtime } from "./runtime.ts";

/** On macOS the app's own executable would show an icon for each plugin, and its helper does not. */
function electronExecPath(): string | undefined {
  if (process.versions.electron === undefined) return undefined;
  const { helperExecPath } = process as { readonly helperExecPath?: string };
  return helperExecPath || process.execPath;
}

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
    electronExecPath,
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
