import { findExecutable } from "./_files.ts";
import { type Spawning, spawn } from "./_process.ts";

/** A part of a file. */
export interface FilePart {
  readonly target: string;
  readonly offset: number;
  readonly length: number;
}

/** Where `fallocate` is; `null` where it is not, or may not be run. */
let found: string | null | undefined;

async function find(own: Spawning, searchPath: () => string): Promise<string | null> {
  if (process.platform !== "linux" || !own.mayLook()) return null;
  const path = await findExecutable("fallocate", searchPath());
  return path !== undefined && own.mayRun(path) ? path : null;
}

/** Punches a hole by util-linux' `fallocate`: no runtime has the call. */
export async function freeDisk(part: FilePart, own: Spawning, searchPath: () => string): Promise<boolean> {
  if (found === undefined) found = await find(own, searchPath);
  if (found === null) return false;
  const { target, offset, length } = part;
  const command = [found, "--punch-hole", "--offset", `${offset}`, "--length", `${length}`, "--", target];
  const nothing = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    const child = await spawn({ command, env: {}, ownSession: false, ...nothing }, own, searchPath);
    const { code } = await child.exited;
    child.release();
    return code === 0;
  } catch {
    // There is nothing to make it of, such as processes: the disk stays taken.
    return false;
  }
}
