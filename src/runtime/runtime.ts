import type { Link } from "../transport/link.ts";
import type { FileStat, FileUse, OpenFile } from "./file_types.ts";
import type { ChildProcess, SpawnOptions, WorkerOptions, WorkerThread } from "./process_types.ts";
import type { Address, ConnectSocketOptions, Listener, ListenSocketOptions } from "./socket_types.ts";

export type { FileStat, FileUse, OpenFile, OpenFileFacts } from "./file_types.ts";
export type {
  ByteSource,
  ChildProcess,
  ExitStatus,
  SpawnOptions,
  StdioMode,
  WorkerOptions,
  WorkerThread,
} from "./process_types.ts";
export type { Address, ConnectSocketOptions, Listener, ListenSocketOptions, TlsOptions } from "./socket_types.ts";

/** The three runtimes Plugwire is for. */
export type RuntimeName = "node" | "deno" | "bun";

/** A value that follows the asynchronous flow of a call. */
export interface AsyncContext<T> {
  /** The value here; `undefined` outside of any `run`. */
  get(): T | undefined;
  /** Calls `fn(...args)` with the value set. */
  run<A extends readonly unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R;
}

/** A timer that was set. */
export interface Timer {
  /** Takes it back. Does nothing once it has fired. */
  cancel(): void;
}

/**
 * What Plugwire needs of the runtime it runs on. Errors of the runtime become `PluginError` in the adapter and nowhere else.
 */
export interface Runtime {
  /** Which runtime it is. */
  readonly name: RuntimeName;
  /** Version, such as `24.9.0`. */
  readonly version: string;
  /** Number of this process. */
  readonly pid: number;
  /** `linux`, `darwin` or `windows`. */
  readonly os: string;
  /** CPU architecture as Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** The runtime's own executable, absolute; of a compiled program, that program. */
  readonly execPath: string;
  /** The script that this process runs, as it was named; `undefined` when there is none. */
  readonly mainScript: string | undefined;
  /** What the program was given on its command line, after its own name. */
  readonly args: readonly string[];
  /**
   * In Electron: the executable that runs scripts as Node does when `ELECTRON_RUN_AS_NODE` is set, since `execPath` starts the app.
   * `undefined` elsewhere.
   */
  readonly electronExecPath?: string | undefined;
  /** True when the program was compiled to a single binary, so that `execPath` cannot run scripts. */
  readonly compiled: boolean;
  /** The working directory; `undefined` where it may not be read. */
  cwd(): string | undefined;
  /** Directory of temporary files. */
  readonly tempDirectory: string;

  /** Reads a variable of the environment. */
  env(name: string): string | undefined;
  /** Copies the whole environment. */
  environment(): Record<string, string>;
  /** Removes variables from this process's environment. */
  forgetEnv(names: readonly string[]): void;
  /** The user's id, or `undefined` where there is none. */
  uid(): number | undefined;

  /**
   * Starts a process.
   * @throws PluginError `not_found`, `not_executable`, `start_failed`, each with `errno`.
   */
  spawn(options: SpawnOptions): Promise<ChildProcess>;
  /**
   * Starts a process that outlives this one, without a wait, so that it can be done at the very end of this one. Nothing is
   * heard of it; settles when it has ended, or could not be started.
   */
  runNow(command: readonly string[]): Promise<void>;
  /** Starts a script in a thread of this process: `detectRuntime()` gives it the runtime of a plugin there. */
  startWorker(options: WorkerOptions): Promise<WorkerThread>;
  /** True while a process with this id exists. */
  isAlive(pid: number): boolean;
  /**
   * When a process began, as a text: the same as long as it lives, and another for each that has its number later.
   *
   * @returns `undefined` when there is no such process, or it has ended and its parent has not asked how yet.
   * @throws PluginError `internal` when that may not be looked at (Deno wants `--allow-all` for it).
   */
  processStart(pid: number): string | undefined;
  /**
   * Sends a signal to a process that need be no child of this one, and to the group that it leads, if it is still the one that
   * began at `started`.
   *
   * @returns False when it is not, or nobody may: nothing was sent then.
   */
  signalProcess(pid: number, started: string, signal: string): boolean;

  /**
   * Checks that an address can be used at all, before a process is started that would fail on it.
   * @throws PluginError `address_too_long` (with length and limit).
   */
  checkAddress(address: Address): void;
  /**
   * Listens. A Unix socket file must not exist yet.
   * @throws PluginError `address_too_long` (with length and limit), `start_failed`.
   * @throws TypeError for `tls` that cannot be used.
   */
  listen(address: Address, onLink: (link: Link) => void, options?: ListenSocketOptions): Promise<Listener>;
  /**
   * Connects.
   * @throws PluginError `address_too_long`, `connect_failed`; `authentication` when the certificate of the other side is not taken; the
   * signal's reason when aborted.
   * @throws TypeError for `tls` that cannot be used.
   */
  connect(address: Address, options?: ConnectSocketOptions): Promise<Link>;
  /**
   * This process's own stdin and stdout as a link. From then on whatever the program prints to stdout through
   * the console or the runtime's stdout goes to stderr instead.
   */
  ownStdio(): Link;
  /** What comes in on this process's stdin, as it is read. Given up, it closes stdin. */
  ownStdin(): AsyncIterable<Uint8Array>;
  /** Watches this process's stdin and calls back when it ends. Does not keep the process alive by itself. Returns an undo. */
  onStdinEnd(callback: () => void): () => void;
  /** Writes to this process's stdout, all of it, before anything later. */
  writeStdout(text: string): void;
  /**
   * Writes to this process's stdout like a program whose output is its result: settles once all is taken, however long
   * the reader takes.
   * @throws PluginError `transport`, with errno `EPIPE` when nobody reads any more.
   */
  print(data: string | Uint8Array): Promise<void>;
  /** Writes to this process's stderr. Never throws, also when its reader is gone. */
  writeStderr(text: string | Uint8Array): void;
  /** True when stdout is a terminal. */
  stdoutIsTerminal(): boolean;
  /** True when stderr is a terminal. */
  stderrIsTerminal(): boolean;

  /** Makes a new directory of mode 0700 with this prefix in its name, in `tempDirectory` or `parent`. */
  makePrivateDirectory(prefix: string, parent?: string): Promise<string>;
  /** Removes a file or directory with all in it. No error when it is not there. */
  remove(path: string): Promise<void>;
  /** The same, at once: for the very end of a process. */
  removeNow(path: string): void;
  /** Names in a directory; empty when it cannot be read. */
  list(directory: string): Promise<string[]>;
  /**
   * Looks at what a path leads to.
   *
   * @returns `undefined` when nothing is there.
   */
  stat(path: string): Promise<FileStat | undefined>;
  /** The first bytes of a file. */
  readHead(path: string, maxBytes: number): Promise<Uint8Array>;
  /**
   * Adds text to the end of a file, at once. A file that is new is for its owner alone (mode 0600); on Deno one that was there is made so, too.
   * @throws PluginError `internal`, with errno.
   */
  appendPrivate(path: string, text: string): void;
  /**
   * Calls back when something in a directory may have changed: files made, written or removed, not those in directories within
   * it. It may call back more often than anything changed, and does not keep the process alive by itself.
   *
   * @returns Ends it.
   * @throws PluginError `not_found`, or `internal` where the system watches no more.
   */
  watchDirectory(path: string, onChange: () => void): () => void;
  /**
   * Writes a file of mode 0600 in place of whatever is there, so that a reader sees the one or the other whole.
   * @throws PluginError `internal`, with errno.
   */
  writePrivate(path: string, text: string): Promise<void>;
  /**
   * Reads a file as text.
   * @throws PluginError `not_found`, or `internal`, with errno.
   */
  readText(path: string): Promise<string>;
  /**
   * Opens a file. Symbolic links are not followed.
   * @throws PluginError `not_found`, `internal`, with errno.
   */
  openFile(path: string, use: FileUse): OpenFile;
  /**
   * Gives the disk back what a part of a file takes; its size stays, and zeros are read there.
   *
   * @returns Whether that was possible: it takes Linux, a file system that can, util-linux, and on Deno the permission to run it.
   */
  freeDisk(path: string, offset: number, length: number): Promise<boolean>;
  /** Finds an executable by name in `PATH`, absolute. */
  findExecutable(name: string, path?: string): Promise<string | undefined>;

  /** Sees to it that an error or rejection that nobody takes ends this process, as it does on most runtimes anyway. */
  endOnUncaught(): void;
  /** Calls back on a signal of the system. Returns an undo. */
  onSignal(name: string, callback: () => void): () => void;
  /** Calls back (synchronously) when this process exits on its own terms. Returns an undo. */
  onExit(callback: () => void): () => void;
  /** Ends this process. */
  exit(code: number): never;

  /** A new asynchronous context. */
  asyncContext<T>(): AsyncContext<T>;
  /** Sets a timer that does not keep the process alive unless `keepAlive`. */
  setTimer(callback: () => void, delayMs: number, options?: { readonly keepAlive?: boolean }): Timer;
}
