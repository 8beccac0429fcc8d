import { ErrorCode, PluginError } from "../errors/mod.ts";
import { parseReattachInfo, type ReattachInfo } from "../handshake/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Larger files are no reattach info, in bytes. */
const maxBytes = 1_048_576;

/** Options of {@linkcode saveReattachInfo} and {@linkcode readReattachInfo}. */
export interface ReattachFileOptions {
  /** Another runtime adapter than the one that is found. */
  readonly adapter?: Runtime;
}

/**
 * Writes a {@linkcode ReattachInfo} to a file that only its owner can read (mode 0600), in place of what is there: a reader
 * sees the one or the other whole.
 *
 * @param path The file. Its directory exists.
 * @param info What `plugin.reattachInfo()` or `plugin.detach()` gave.
 * @throws PluginError `internal`, with errno, when it cannot be written.
 * @throws TypeError for what is no reattach info.
 *
 * @example
 * ```ts ignore
 * await saveReattachInfo("/run/myapp/greeter.json", plugin.reattachInfo());
 * ```
 */
export async function saveReattachInfo(
  path: string,
  info: ReattachInfo,
  options: ReattachFileOptions = {},
): Promise<void> {
  const runtime = options.adapter ?? (await detectRuntime());
  await runtime.writePrivate(path, `${JSON.stringify(parseReattachInfo(info), null, 2)}\n`);
}

/**
 * Reads what {@linkcode saveReattachInfo} wrote.
 *
 * @param path The file.
 * @returns What it holds.
 * @throws PluginError `not_found` when there is no such file; `authentication` when it belongs to another user, or others
 * can read or write it: who wrote it could have the host take anything for its plugin. `internal` when it cannot be read.
 * @throws TypeError when it holds no reattach info, or is no file of at most 1 MiB; SyntaxError when no JSON, without a word of
 * what is in it.
 *
 * @example
 * ```ts ignore
 * await using plugin = await attach(await readReattachInfo("/run/myapp/greeter.json"));
 * ```
 */
export async function readReattachInfo(path: string, options: ReattachFileOptions = {}): Promise<ReattachInfo> {
  const runtime = options.adapter ?? (await detectRuntime());
  const facts = await runtime.stat(path);
  const fault = privacyFault(path, facts, runtime);
  if (fault !== undefined) throw new PluginError(ErrorCode.authentication, fault);
  if (facts !== undefined && (facts.kind !== "file" || facts.size > maxBytes)) {
    // A pipe would never be read to its end.
    throw new TypeError(`there is no reattach info in ${path}: it is no file of at most ${maxBytes} bytes`);
  }
  return parseReattachInfo(parseJson(path, await runtime.readText(path)));
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is wrong with it would quote it, and with it the secret.
    throw new SyntaxError(`there is no reattach info in ${path}: it is no JSON`);
  }
}

function privacyFault(path: string, facts: Awaited<ReturnType<Runtime["stat"]>>, runtime: Runtime): string | undefined {
  const uid = runtime.uid();
  // What is not there is told by whoever reads it. Where there are no owners, the system's own rules have to do.
  if (facts === undefined || uid === undefined) return undefined;
  const what = `the reattach info in ${path} is not used:`;
  if (facts.uid !== uid) return `${what} the file belongs to user ${facts.uid}, and this is user ${uid}`;
  const mode = facts.mode.toString(8).padStart(4, "0");
  if (facts.kind === "file" && (facts.mode & 0o077) !== 0)
    return `${what} others may read or write the file (mode ${mode}); chmod 600 it`;
  return undefined;
}
