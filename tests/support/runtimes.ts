import { fileURLToPath } from "node:url";

/** The three runtimes that every pair of host and plugin is made of. */
export const runtimeNames = ["node", "deno", "bun"] as const;

/** The name of one of them. */
export type TestRuntime = (typeof runtimeNames)[number];

/** The one that runs this test. */
export const currentRuntime: TestRuntime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";

/** Path of a runtime's executable, as npm installed it. */
export function runtimeExecutable(name: TestRuntime): string {
  return fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
}

/** Composes the command that runs a script on a runtime, with every permission. */
export function runtimeCommand(name: TestRuntime, script: URL, ...args: readonly string[]): string[] {
  const options = { node: [], deno: ["run", "-A", "--no-check"], bun: ["run"] }[name];
  return [runtimeExecutable(name), ...options, fileURLToPath(script), ...args];
}
