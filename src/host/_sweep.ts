import { PluginError } from "../errors/mod.ts";
import { socketFileName } from "../handshake/mod.ts";
import { outputPrefix } from "../output/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** What the directories of launches are called, before the host's process id. */
const directoryPrefix = "plugwire-";
/**
 * Age from which a directory counts as left behind, in ms. It lives as long as a start takes. Younger ones may be of a host
 * that shares the directory for temporary files and not the process ids: another container.
 */
const leftBehindMs = 60_000;

/** Time that the last words of a plugin wait for a host, in ms: of one that outlived its host and then crashed. */
const unreadMs = 3_600_000;

const launchDirectory = /^plugwire-(\d+)-[^/]+$/;

/** True for a directory that a launch of this user's made. */
export async function isLaunchDirectory(path: string, runtime: Runtime): Promise<boolean> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!launchDirectory.test(name)) return false;
  const found = await runtime.stat(path).catch(() => undefined);
  const uid = runtime.uid();
  return found?.kind === "directory" && (uid === undefined || found.uid === uid) && (found.mode & 0o077) === 0;
}

/** The prefix of this host's directories. */
export function launchPrefix(runtime: Runtime): string {
  return `${directoryPrefix}${runtime.pid}-`;
}

const swept = new WeakSet<Runtime>();

/**
 * Removes the directories of hosts that were killed in the midst of a launch: nobody else would. Once for each process, in
 * the background; never fails.
 */
export function sweepOnce(runtime: Runtime): void {
  if (swept.has(runtime)) return;
  swept.add(runtime);
  sweep(runtime).catch(() => {
    // A directory more or less is not worth a launch.
  });
}

async function sweep(runtime: Runtime): Promise<void> {
  const uid = runtime.uid();
  if (uid === undefined) return;
  const parent = runtime.tempDirectory;
  for (const name of await runtime.list(parent)) {
    const pid = Number(launchDirectory.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || runtime.isAlive(pid)) continue;
    const path = `${parent}/${name}`;
    const found = await runtime.stat(path);
    if (found?.kind !== "directory" || found.uid !== uid || Date.now() - found.modifiedMs < leftBehindMs) continue;
    if (Date.now() - (await lastWrittenMs(path, runtime)) < unreadMs) continue;
    // A plugin that outlives its host listens there.
    if (await isListening(`${path}/${socketFileName}`, runtime)) continue;
    await runtime.remove(path);
  }
}

/** When a plugin last wrote to the files of its output there, in ms since 1970; 0 without such files. */
async function lastWrittenMs(directory: string, runtime: Runtime): Promise<number> {
  const output = (await runtime.list(directory)).find((name) => name.startsWith(outputPrefix));
  if (output === undefined) return 0;
  const files = ["stdout", "stderr"].map((name) => runtime.stat(`${directory}/${output}/${name}`));
  return Math.max(0, ...(await Promise.all(files)).map((found) => found?.modifiedMs ?? 0));
}

async function isListening(path: string, runtime: Runtime): Promise<boolean> {
  if ((await runtime.stat(path)) === undefined) return false;
  try {
    (await runtime.connect({ network: "unix", path })).destroy();
    return true;
  } catch (error) {
    // Whoever has no room for one more connection is there, too.
    return error instanceof PluginError && error.errno !== "ECONNREFUSED" && error.errno !== "ENOENT";
  }
}
