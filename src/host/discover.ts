import * as v from "valibot";
import { checkOptions, type OptionRules } from "../errors/check_options.ts";
import { entryPath } from "../handshake/mod.ts";
import { object } from "../plugin/option_rules.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { FileStat, Runtime } from "../runtime/runtime.ts";
import { type NamePattern, readGlob } from "./_glob.ts";

/** Options of {@linkcode discover}. */
export interface DiscoverOptions {
  /** Whether only files are found that may be executed. Default `false`. On Windows the name decides: `.exe`, `.cmd`, `.bat`, `.com`. */
  readonly executable?: boolean;
  /** Another runtime adapter than the one that is found. */
  readonly adapter?: Runtime;
}

const rules: OptionRules = { executable: v.boolean("must be true or false"), adapter: object };

/**
 * Finds plugins by the names of their files.
 *
 * @param directory Where to look: a path, absolute, relative to the working directory, or in the user's home (`~/plugins`); or
 * a `file:` URL. Characters of patterns mean nothing in it.
 * @param pattern Which names: `*` any characters, `?` one, `[a-z]` one of a set, `[!a-z]` none of it, `{a,b}` one of several,
 * `\` in front of any of these for the character itself, and `/` between directories. Names that begin with a dot
 * are found only by a pattern that does.
 * @param options See {@linkcode DiscoverOptions}.
 * @returns Absolute paths, which `launch` takes, in the order of their UTF-16 units. Files alone, also those that a link leads to.
 * Empty where nothing fits, or there is no such directory.
 * @throws TypeError for a directory or a pattern that cannot be, and for what is not a directory.
 * @throws PluginError `internal` when the directory cannot be looked at, as on Deno without `--allow-read`.
 *
 * @example
 * ```ts
 * import { discover, launch } from "@plugwire/plugwire";
 * for (const path of await discover("~/.editor/plugins", "editor-*.{js,ts}")) {
 *   await using plugin = await launch(path);
 *   console.log(plugin.name, plugin.serves.map(({ name }) => name));
 * }
 * ```
 */
export async function discover(
  directory: string | URL,
  pattern: string,
  options: DiscoverOptions = {},
): Promise<string[]> {
  checkOptions("discover", rules, options);
  const parts = readGlob(pattern);
  const runtime = options.adapter ?? (await detectRuntime());
  const { path } = entryPath(fromHome(directory, runtime), {
    os: runtime.os,
    directory: runtime.cwd(),
    action: "look for plugins in",
  });
  // Asked first: a list of names does not tell a directory that is empty from one that may not be read.
  const facts = await runtime.stat(path);
  if (facts === undefined) return [];
  if (facts.kind !== "directory")
    throw new TypeError(`cannot look for plugins in ${JSON.stringify(path)}: it is not a directory`);
  const found = await filesBelow(withoutSlash(path), parts, runtime, options.executable === true);
  return found.sort();
}

async function filesBelow(
  directory: string,
  [first, ...rest]: readonly NamePattern[],
  runtime: Runtime,
  executable: boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of await runtime.list(directory)) {
    if (first?.(name) !== true) continue;
    const path = `${directory}/${name}`;
    const facts = await lookAt(path, runtime);
    if (rest.length > 0 && facts?.kind === "directory") {
      found.push(...(await filesBelow(path, rest, runtime, executable)));
    } else if (rest.length === 0 && facts?.kind === "file" && (!executable || mayBeExecuted(name, facts, runtime))) {
      found.push(path);
    }
  }
  return found;
}

/** What cannot be looked at, such as a link in a circle, cannot be launched either. */
async function lookAt(path: string, runtime: Runtime): Promise<FileStat | undefined> {
  try {
    return await runtime.stat(path);
  } catch {
    return undefined;
  }
}

function mayBeExecuted(name: string, { mode }: FileStat, { os }: Runtime): boolean {
  return os === "windows" ? /\.(?:exe|cmd|bat|com)$/i.test(name) : (mode & 0o111) !== 0;
}

/** A shell would have done it; a path from a settings file was in none. */
function fromHome(directory: string | URL, runtime: Runtime): string | URL {
  if (typeof directory !== "string" || !/^~(?:[\\/]|$)/.test(directory)) return directory;
  const home = runtime.env(runtime.os === "windows" ? "USERPROFILE" : "HOME");
  if (!home)
    throw new TypeError(
      `cannot look for plugins in ${JSON.stringify(directory)}: it is not known where the user's home is`,
    );
  return `${withoutSlash(home)}${directory.slice(1)}`;
}

function withoutSlash(path: string): string {
  return path.length > 1 && /[\\/]$/.test(path) ? path.replace(/[\\/]+$/, "") : path;
}
