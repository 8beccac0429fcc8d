import fs from "node:fs";
import { chmod, mkdtemp, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { ErrorCode } from "../errors/mod.ts";
import { errnoOf, systemError } from "./_system_errors.ts";
import type { FileStat } from "./runtime.ts";

/** Makes a new directory of mode 0700. */
export async function makePrivateDirectory(prefix: string, parent: string): Promise<string> {
  try {
    const made = await mkdtemp(path.join(parent, prefix));
    // mkdtemp gives 0700 wherever it is the system's own; Deno makes the directory itself.
    await chmod(made, 0o700);
    return made;
  } catch (error) {
    throw systemError(ErrorCode.startFailed, `cannot make a directory ${prefix}… in ${parent}`, error);
  }
}

/** Removes a file or directory with all in it. */
export async function remove(target: string): Promise<void> {
  try {
    // Bun takes a file that somebody else removes meanwhile for the directory's own absence, and leaves it there.
    for (let round = 0; round === 0 || (round < removeRounds && fs.existsSync(target)); round++) {
      await rm(target, { recursive: true, force: true });
    }
  } catch (error) {
    if (!isAbsent(error)) throw systemError(ErrorCode.internal, `cannot remove ${target}`, error);
  }
}

/** How often a directory is removed in which others remove things too: there is hardly more than one file in it. */
const removeRounds = 5;

/** Removes a file or directory with all in it, at once. */
export function removeNow(target: string): void {
  try {
    for (let round = 0; round === 0 || (round < removeRounds && fs.existsSync(target)); round++) {
      fs.rmSync(target, { recursive: true, force: true });
    }
  } catch (error) {
    if (!isAbsent(error)) throw systemError(ErrorCode.internal, `cannot remove ${target}`, error);
  }
}

/** Names in a directory; empty when it cannot be read. */
export async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

/** Facts on a file. */
export async function stat(target: string): Promise<FileStat | undefined> {
  try {
    return fileStat(await fs.promises.stat(target));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw systemError(ErrorCode.internal, `cannot look at ${target}`, error);
  }
}

function fileStat(facts: fs.Stats): FileStat {
  const kind = facts.isFile() ? "file" : facts.isDirectory() ? "directory" : facts.isSocket() ? "socket" : "other";
  return { kind, mode: facts.mode & 0o7777, uid: facts.uid, size: facts.size, modifiedMs: facts.mtimeMs };
}

/** The first bytes of a file. */
export async function readHead(target: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(target, "r");
    try {
      const head = new Uint8Array(maxBytes);
      let length = 0;
      while (length < maxBytes) {
        const { bytesRead } = await file.read(head, length, maxBytes - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return head.slice(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw systemError(
      errnoOf(error) === "ENOENT" ? ErrorCode.notFound : ErrorCode.internal,
      `cannot read ${target}`,
      error,
    );
  }
}

/** Adds text to the end of a file, at once. */
export function appendPrivate(target: string, text: string): void {
  try {
    fs.appendFileSync(target, text, { mode: 0o600 });
  } catch (error) {
    throw systemError(ErrorCode.internal, `cannot write to ${target}`, error);
  }
}

/** Calls back when something in a directory may have changed. */
export function watchDirectory(directory: string, onChange: () => void): () => void {
  try {
    const watcher = fs.watch(directory, { persistent: false }, onChange);
    // A directory that is removed while it is watched is an error on some systems; the last call back has said so.
    watcher.on("error", onChange);
    return () => watcher.close();
  } catch (error) {
    throw systemError(isAbsent(error) ? ErrorCode.notFound : ErrorCode.internal, `cannot watch ${directory}`, error);
  }
}

/** Puts a file of mode 0600 in the place of what is there, whole. */
export async function writePrivate(target: string, text: string): Promise<void> {
  const next = `${target}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await fs.promises.writeFile(next, text, { mode: 0o600, flag: "wx" });
    await fs.promises.rename(next, target);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw systemError(ErrorCode.internal, `cannot write ${target}`, error);
  }
}

/** Reads a file as text. */
export async function readText(target: string): Promise<string> {
  try {
    return await fs.promises.readFile(target, "utf8");
  } catch (error) {
    throw systemError(isAbsent(error) ? ErrorCode.notFound : ErrorCode.internal, `cannot read ${target}`, error);
  }
}

function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

/** Finds an executable in a list of directories such as `PATH` holds. */
export async function findExecutable(name: string, searchPath: string): Promise<string | undefined> {
  if (name.includes("/")) return (await isExecutable(path.resolve(name))) ? path.resolve(name) : undefined;
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat", ""] : [""];
  for (const directory of searchPath.split(path.delimiter)) {
    for (const ending of endings) {
      // An empty entry of PATH is the working directory.
      const candidate = path.resolve(directory, name + ending);
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

async function isExecutable(candidate: string): Promise<boolean> {
  try {
    await fs.promises.access(candidate, fs.constants.X_OK);
    return (await fs.promises.stat(candidate)).isFile();
  } catch {
    return false;
  }
}
