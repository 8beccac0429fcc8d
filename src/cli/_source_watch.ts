import type { FileStat, Runtime, Timer } from "../runtime/runtime.ts";
import { UsageError } from "./_usage_error.ts";

/** What is looked at. */
export interface WatchedPath {
  /** A file, or a directory with all in it. */
  readonly path: string;
  /** Whether files count that are no source, such as templates. */
  readonly all: boolean;
}

interface SeenFile {
  readonly size: number;
  readonly modifiedMs: number;
  readonly content: string;
}

/** Time for an editor to finish what it saves, and for several files to be saved together, in ms. */
const settleMs = 100;
/** Time after which is looked in any case, in ms. */
const longestMs = 1_000;
/** Time between two looks where the system does not say what changes, in ms. */
const pollMs = 1_000;
const maxFiles = 10_000;
const maxDepth = 16;
/** Larger files are told apart by size and time alone, in bytes. */
const maxReadBytes = 4_194_304;
const source = /\.(?:[cm]?[jt]sx?|json|wasm|node)$/i;

/**
 * Sees changes of files. What the system says of them differs and repeats, so that it is only taken as a reason to look; a file has
 * changed when its content has. `node_modules` and what begins with a dot is left out.
 */
export class SourceWatch implements Disposable {
  readonly #paths: readonly WatchedPath[];
  readonly #runtime: Runtime;
  readonly #changed: (paths: readonly string[]) => void;
  #seen: ReadonlyMap<string, SeenFile> = new Map();
  readonly #watchers: Map<string, () => void> = new Map();
  #directories: Set<string> = new Set();
  #mustPoll = false;
  #timer: Timer | undefined;
  /** Since when something changes that was not looked at yet. */
  #changingSinceMs: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(paths: readonly WatchedPath[], runtime: Runtime, changed: (paths: readonly string[]) => void) {
    this.#paths = paths;
    this.#runtime = runtime;
    this.#changed = changed;
  }

  /** Looks for the first time. @throws UsageError when that is too much. */
  async start(): Promise<void> {
    this.#seen = await this.#look();
    this.#poll();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const undo of this.#watchers.values()) undo();
    this.#watchers.clear();
  }

  #soon(): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    this.#changingSinceMs ??= nowMs;
    // What never settles, such as a file that the plugin itself keeps writing, is shown all the same.
    if (nowMs - this.#changingSinceMs > longestMs && this.#timer !== undefined) return;
    this.#timer?.cancel();
    this.#timer = this.#runtime.setTimer(() => this.#compare(), settleMs, { keepAlive: true });
  }

  #poll(): void {
    if (this.#isOver || !this.#mustPoll) return;
    this.#timer = this.#runtime.setTimer(() => this.#compare(), pollMs, { keepAlive: true });
  }

  /** One look after the other. */
  #compare(): void {
    this.#looking = this.#looking.then(async () => {
      if (this.#isOver) return;
      this.#changingSinceMs = undefined;
      this.#timer = undefined;
      try {
        const before = this.#seen;
        this.#seen = await this.#look();
        const paths = new Set([...before.keys(), ...this.#seen.keys()]);
        const changed = [...paths].filter((path) => before.get(path)?.content !== this.#seen.get(path)?.content);
        if (changed.length > 0 && !this.#isOver) this.#changed(changed);
      } catch {
        // A file that went while it was looked at: whoever removed it is not done yet.
        this.#soon();
      }
      this.#poll();
    });
  }

  async #look(): Promise<Map<string, SeenFile>> {
    const found = new Map<string, SeenFile>();
    this.#directories = new Set();
    for (const { path, all } of this.#paths) {
      const stat = await this.#runtime.stat(path);
      if (stat?.kind === "directory") await this.#lookInto(path, all, found, 0);
      else if (stat !== undefined) await this.#take(path, stat, found);
      if (stat?.kind !== "directory") this.#directories.add(path.replace(/[\\/][^\\/]*$/, "") || "/");
    }
    this.#watchDirectories();
    return found;
  }

  async #lookInto(directory: string, all: boolean, found: Map<string, SeenFile>, depth: number): Promise<void> {
    this.#directories.add(directory);
    for (const name of await this.#runtime.list(directory)) {
      if (name === "node_modules" || name.startsWith(".")) continue;
      const path = `${directory}/${name}`;
      const stat = await this.#runtime.stat(path);
      if (stat?.kind === "directory" && depth < maxDepth) await this.#lookInto(path, all, found, depth + 1);
      else if (stat?.kind === "file" && (all || source.test(name))) await this.#take(path, stat, found);
    }
  }

  async #take(path: string, { size, modifiedMs }: FileStat, found: Map<string, SeenFile>): Promise<void> {
    if (found.size >= maxFiles) {
      throw new UsageError(
        `there are more than ${maxFiles} files to watch; name the directories that matter with --watch`,
      );
    }
    const before = this.#seen.get(path);
    if (before !== undefined && before.size === size && before.modifiedMs === modifiedMs) {
      found.set(path, before);
      return;
    }
    const content = size > maxReadBytes ? `${size} ${modifiedMs}` : await this.#digest(path, size);
    found.set(path, { size, modifiedMs, content });
  }

  async #digest(path: string, size: number): Promise<string> {
    const bytes = await this.#runtime.readHead(path, size);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #watchDirectories(): void {
    for (const [directory, undo] of this.#watchers) {
      if (this.#directories.has(directory)) continue;
      undo();
      this.#watchers.delete(directory);
    }
    for (const directory of this.#directories) {
      if (this.#isOver || this.#watchers.has(directory)) continue;
      try {
        this.#watchers.set(
          directory,
          this.#runtime.watchDirectory(directory, () => this.#soon()),
        );
      } catch {
        // The system has no more of them, or the directory is gone again: looking now and then will do.
        this.#mustPoll = true;
      }
    }
  }
}
