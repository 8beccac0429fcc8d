import type { Runtime } from "../runtime/runtime.ts";

/** What the directories of launches are called, before the host's process id. */
const directoryPrefix = "plugwire-";
/**
 * Age from which a directory counts as left behind, in ms. It lives as long as a start takes. Younger ones may be of a host
 * that shares the directory for temporary files and not the process ids: another container.
 */
const leftBehindMs = 60_000;

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
    const pid = Number(/^plugwire-(\d+)-[^/]+$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || runtime.isAlive(pid)) continue;
    const path = `${parent}/${name}`;
    const found = await runtime.stat(path);
    if (found?.kind !== "directory" || found.uid !== uid || Date.now() - found.modifiedMs < leftBehindMs) continue;
    await runtime.remove(path);
  }
}
