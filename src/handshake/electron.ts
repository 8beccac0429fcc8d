import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { FileStat } from "../runtime/runtime.ts";
import { quote } from "./_quote.ts";

/** What makes Electron's executable run a script as Node does, in place of an app. */
export const electronAsNode: Readonly<Record<string, string>> = { ELECTRON_RUN_AS_NODE: "1" };

/** What to tell of a script that Electron did not run. */
export const electronHint: string =
  "it was started by Electron's own executable with ELECTRON_RUN_AS_NODE=1, which an app whose fuse runAsNode is off ignores: " +
  'name a runtime that is installed ({ runtime: "node" }), or give the whole command';

/**
 * Where a file of an Electron app is that another program than Electron is to read: beside the archive, if it was unpacked.
 *
 * @returns The path itself for files of no archive.
 * @throws PluginError `not_executable` for a file that is in an archive alone.
 */
export async function outOfAsar(path: string, stat: (path: string) => Promise<FileStat | undefined>): Promise<string> {
  const unpacked = path.replace(/\.asar(?=[\\/])/, ".asar.unpacked");
  if (unpacked === path) return path;
  if ((await stat(unpacked))?.kind === "file") return unpacked;
  throw new PluginError(
    ErrorCode.notExecutable,
    `cannot launch ${quote(path)}: it is in an asar archive, which nothing but Electron can read; have it unpacked when the ` +
      "app is packed (asarUnpack), or leave the runtime out so that Electron runs it",
    { execution: "none" },
  );
}
