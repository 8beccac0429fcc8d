import type { RuntimeName } from "../../lib/repository.ts";

/** The runtime that runs this program. */
export const currentRuntime: RuntimeName = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

/** What a runtime's executable wants before the path of a script. */
export function runtimeArguments(runtime: RuntimeName = currentRuntime): string[] {
  return { node: [], deno: ["run", "-A"], bun: ["run"] }[runtime];
}
