import type { Served } from "../contract/mod.ts";
import { pluginSession } from "../plugin/plugin_session.ts";
import { readServeArguments, type ServeOptions } from "../plugin/serve_options.ts";
import { detectRuntime } from "../runtime/detect.ts";
import { memoryLinks } from "../transport/mod.ts";
import { attachLink } from "./attach.ts";
import { checkConnectOptions } from "./check_options.ts";
import type { PluginOf } from "./launch.ts";
import type { ConnectOptions, VersionMap } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/**
 * The same plugin with no process: for tests, and for what is built in. All that crosses is encoded and checked as it is
 * between processes, so that what works here works there.
 *
 * @param served What `contract.implement()` gave: one for each contract.
 *
 * @example
 * ```ts
 * import { contract, inProcess } from "@plugwire/plugwire";
 * const greeter = contract<{ greet(name: string): string }>("greeter");
 * await using plugin = await inProcess(greeter.implement({ greet: (name) => `Hello, ${name}!` }));
 * console.log(await plugin.dispense(greeter).greet("World")); // Hello, World!
 * ```
 */
export function inProcess(...served: readonly Served[]): Promise<Plugin>;
/**
 * The same by protocol version.
 *
 * @param served What is served, with options of that side.
 * @param options The host's side, with the contracts of each version.
 */
export function inProcess<const Versions extends VersionMap>(
  served: readonly Served[] | ServeOptions,
  options: ConnectOptions<Versions> & { readonly versions: Versions },
): Promise<PluginOf<Versions>>;
/**
 * The same with options.
 *
 * @param served What is served, or options with `versions`.
 * @param options The host's side: what it provides, its limits, its versions.
 */
export function inProcess(served: readonly Served[] | ServeOptions, options?: ConnectOptions): Promise<Plugin>;
export async function inProcess(...args: readonly unknown[]): Promise<Plugin> {
  const { served, options } = readArguments(args);
  checkConnectOptions("inProcess", options);
  const { sendStacks, sharedStructure } = options;
  const serveOptions = { sendStacks, sharedStructure, ...readServeArguments(served) };
  const runtime = options.adapter ?? (await detectRuntime());
  const [hostEnd, pluginEnd] = memoryLinks("in process");
  pluginSession(pluginEnd, runtime, serveOptions, undefined).start();
  return await attachLink(hostEnd, runtime, { name: "in-process", ...options });
}

function readArguments(args: readonly unknown[]): {
  served: readonly (Served | ServeOptions)[];
  options: ConnectOptions;
} {
  const [first, second] = args;
  if (Array.isArray(first)) return { served: first, options: (second ?? {}) as ConnectOptions };
  if (typeof first === "object" && first !== null && "versions" in first) {
    return { served: [first as ServeOptions], options: (second ?? {}) as ConnectOptions };
  }
  return { served: args as readonly Served[], options: {} };
}
