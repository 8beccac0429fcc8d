import { detectRuntime } from "../runtime/detect.ts";
import { startManaged } from "./_managed.ts";
import { openPlugin } from "./_open_plugin.ts";
import { checkLaunchOptions } from "./check_options.ts";
import type { LaunchOptions, VersionMap } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** The plugin of whichever version was chosen: `version` tells them apart. */
export type PluginOf<Versions> = { [V in keyof Versions & number]: Plugin<V, Versions[V]> }[keyof Versions & number];

/**
 * Starts a plugin that speaks one of several versions.
 *
 * @param entry As below.
 * @param options With the contracts of each version.
 */
export function launch<const Versions extends VersionMap>(
  entry: URL | string | readonly string[],
  options: LaunchOptions<Versions> & { readonly versions: Versions },
): Promise<PluginOf<Versions>>;
/**
 * Starts a plugin as a process of its own and joins it.
 *
 * The plugin ends with what launched it: with the host's process, or, launched in a worker thread, with that worker.
 *
 * @param entry A URL or path of a script, which runs on the host's own runtime or the one that is named; one of an executable;
 * the name of a program; or a whole command as an array.
 * @param options See {@linkcode LaunchOptions}.
 * @returns The running plugin. Stop it, or declare it with `await using`: it keeps the host's process alive.
 * @throws PluginError when it cannot be started or joined; its code says how. Nothing of it is left running.
 * @throws TypeError and RangeError for arguments that cannot be.
 *
 * @example
 * ```ts ignore
 * import { launch } from "@plugwire/plugwire";
 * import { greeter } from "./greeter.ts";
 * await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
 * console.log(await plugin.dispense(greeter).greet("World")); // Hello, World!
 * ```
 */
export function launch(entry: URL | string | readonly string[], options?: LaunchOptions): Promise<Plugin>;
export async function launch(entry: URL | string | readonly string[], options: LaunchOptions = {}): Promise<Plugin> {
  checkLaunchOptions(options);
  const start = async (all: LaunchOptions): Promise<Plugin> =>
    await openPlugin(entry, all, all.adapter ?? (await detectRuntime()));
  return options.managed === true ? await startManaged(entry, options, start) : await start(options);
}
