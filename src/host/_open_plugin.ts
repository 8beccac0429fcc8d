import { inspectFrom } from "../handshake/mod.ts";
import type { Entry } from "../runner/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { joinDebugged } from "./_join_debugged.ts";
import { startInspected } from "./_start_inspected.ts";
import { startPlugin } from "./_start_plugin.ts";
import type { LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Joins the plugin that somebody debugs, or starts one in the way that its options ask for. */
export async function openPlugin(entry: Entry, options: LaunchOptions, runtime: Runtime): Promise<Plugin> {
  const debugged = await joinDebugged(entry, options, runtime);
  if (debugged !== undefined) return debugged;
  const inspect = inspectFrom(options.inspect);
  return inspect === undefined
    ? await startPlugin(entry, options, runtime)
    : await startInspected(entry, options, inspect, runtime);
}
