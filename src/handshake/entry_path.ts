import { quote } from "./_quote.ts";

const separators = /[\\/]/;
const scheme = /^(?:https?|file|data|blob|npm|jsr|node):/i;
const scriptName = /\.[cm]?[jt]sx?$/i;
const commonFiles: ReadonlySet<string> = new Set(["plugin", "main", "index", "mod"]);
const commonFolders: ReadonlySet<string> = new Set(["src", "dist", "lib", "bin", "build", "out"]);

/** A plugin's file, as the user named it. */
export interface EntryPath {
  /** Absolute where the directory is known. */
  readonly path: string;
  /** The name alone when it had no separator, so that it may also be a program in `PATH`. */
  readonly bareName?: string;
}

/** Where a relative path begins. */
export interface EntryPathOptions {
  /** `linux`, `darwin` or `windows`. */
  readonly os: string;
  /** The host's working directory. */
  readonly directory?: string;
  /** What is to be done with it, for errors. Default `launch`. */
  readonly action?: string;
}

/**
 * The path of a plugin that was named by a path, a file URL or the name of a program.
 *
 * @throws TypeError for a URL that is not of a file on this machine, and for an empty path or one with NUL.
 */
export function entryPath(entry: string | URL, options: EntryPathOptions): EntryPath {
  const { os, directory, action = "launch" } = options;
  const url = toUrl(entry, action);
  const path = url === undefined ? String(entry) : fileUrlToPath(url, os, action);
  if (path === "" || path.includes("\0")) throw new TypeError(`cannot ${action} ${quote(path)}: not a path`);
  if (isAbsolute(path, os)) return { path };
  const from = directory ?? ".";
  const joined = `${separators.test(from.at(-1) ?? "") ? from : `${from}/`}${path.replace(/^(?:\.[\\/]+)+/, "")}`;
  return separators.test(path) ? { path: joined } : { path: joined, bareName: path };
}

/** True when a file's name says that a runtime has to run it. */
export function isScript(path: string): boolean {
  return scriptName.test(path);
}

/**
 * What a plugin is called unless it is given a name: its file without the extension, or the folder where a script is only
 * called what such scripts are called, as in `greeter/plugin.ts` and `greeter/src/main.ts`.
 */
export function nameOf(path: string): string {
  const parts = path.split(separators).filter((part) => part !== "" && part !== "." && part !== "..");
  const file = parts.pop() ?? path;
  const base = file.replace(scriptName, "").replace(/\.exe$/i, "");
  if (!scriptName.test(file) || !commonFiles.has(base)) return base;
  return parts.findLast((part) => !commonFolders.has(part)) ?? base;
}

/**
 * The path of a `file:` URL.
 *
 * @throws TypeError for any other URL, for one of another machine, and for one with an encoded separator.
 */
function fileUrlToPath(url: URL, os: string, action: string): string {
  const fail = (why: string): TypeError => new TypeError(`cannot ${action} ${quote(url.href)}: ${why}`);
  if (url.protocol !== "file:") {
    throw fail("a plugin is a file on this machine, named by its path or a file: URL; download it first");
  }
  const windows = os === "windows";
  if (windows ? /%2f|%5c/i.test(url.pathname) : /%2f/i.test(url.pathname))
    throw fail("it has an encoded path separator");
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    throw fail("its percent-encoding is not UTF-8");
  }
  if (!windows) {
    if (url.hostname !== "") throw fail(`it is on another machine, ${url.hostname}`);
    return path;
  }
  const local = path.replaceAll("/", "\\");
  if (url.hostname !== "") return `\\\\${url.hostname}${local}`;
  if (!/^\\[A-Za-z]:\\/.test(local)) throw fail("it has no drive letter");
  return local.slice(1);
}

function toUrl(entry: string | URL, action: string): URL | undefined {
  if (typeof entry !== "string") return entry;
  if (!scheme.test(entry)) return undefined;
  if (!URL.canParse(entry)) throw new TypeError(`cannot ${action} ${quote(entry)}: not a URL`);
  return new URL(entry);
}

function isAbsolute(path: string, os: string): boolean {
  if (os === "windows") return /^(?:[A-Za-z]:)?[\\/]/.test(path);
  return path.startsWith("/");
}
