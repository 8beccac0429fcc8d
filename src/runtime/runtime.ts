import type { LimitedResource, PluginError } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";

/** The three runtimes Plugwire is for. */
export type RuntimeName = "node" | "deno" | "bun";

/** Where a listener is reached. */
export type Address =
  | { readonly network: "unix"; readonly path: string }
  | { readonly network: "tcp"; readonly host: string; readonly port: number };

/**
 * What a side of a TLS connection shows and asks for, as texts in PEM. Both sides speak TLS 1.3 at least.
 *
 * For a host: who has signed the plugin's certificate, and, where the plugin asks for one, a certificate of its own. For a plugin: its
 * certificate, and, where hosts are to show one, who signs theirs.
 */
export interface TlsOptions {
  /** Certificates of who signs those of the other side. A host's default: those that the runtime trusts. A plugin's: hosts show none. */
  readonly ca?: string;
  /** The certificate that this side shows, and after it those that lead to who is trusted. A plugin needs one. */
  readonly cert?: string;
  /** The private key of `cert`. */
  readonly key?: string;
  /** Whom the plugin's certificate must be for. Default: the host name or number of its address. */
  readonly serverName?: string;
}

/** Options of {@linkcode Runtime.listen}. */
export interface ListenSocketOptions {
  /** Connections begin with TLS. */
  readonly tls?: TlsOptions;
  /** Told of each connection that TLS failed for. */
  readonly onRefused?: (error: PluginError) => void;
}

/** Options of {@linkcode Runtime.connect}. */
export interface ConnectSocketOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
  /** The connection begins with TLS. */
  readonly tls?: TlsOptions;
}

/**
 * How a child's standard stream is set up. `"pipe"` gives a link or a source; `"null"` is the null device; `"inherit"` is the host's
 * own. A file, for stdout and stderr alone, is appended to; one that is new is for its owner alone (mode 0600).
 */
export type StdioMode = "pipe" | "null" | "inherit" | { readonly file: string };

/** Options of {@linkcode Runtime.spawn}. */
export interface SpawnOptions {
  /** Absolute path or name of the executable, then its arguments. */
  readonly command: readonly string[];
  /** Its working directory. Default: this process's own. */
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** How its stdin is set up. */
  readonly stdin: StdioMode;
  /** How its stdout is set up. */
  readonly stdout: StdioMode;
  /** How its stderr is set up. */
  readonly stderr: StdioMode;
  /** Makes the child the leader of a session and process group of its own. */
  readonly ownSession: boolean;
}

/** How a process ended. */
export interface ExitStatus {
  /** Exit code, or `null` when a signal ended it. */
  readonly code: number | null;
  /** Name of the signal (`SIGKILL`), or `null`. */
  readonly signal: string | null;
  /** The limit that it ran into and ended of; `undefined` when there was none, or nothing that shows it. */
  readonly exceeded?: LimitedResource;
}

/** A running child. */
export interface ChildProcess {
  /** Its number. */
  readonly pid: number;
  /**
   * The child's stdin (what is written) and stdout (what is delivered) as one link; `undefined` unless stdout
   * is a pipe. Where stdin is none, what is written is dropped.
   */
  readonly stdio: Link | undefined;
  /** Bytes of stderr; `undefined` unless a pipe. */
  readonly stderr: ByteSource | undefined;
  /** Settles when the process has ended, even if something else still holds its pipes. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal to the process. Does nothing once it has ended. */
  kill(signal: string): void;
  /** Sends a signal to its whole process group (when it has its own session). Does nothing when none is left. */
  killGroup(signal: string): void;
  /** Lets go of every pipe and handle, so that nothing of this child keeps the host alive. */
  release(): void;
}

/** Options of {@linkcode Runtime.startWorker}. */
export interface WorkerOptions {
  /** Absolute path of the script. */
  readonly script: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The whole environment of the thread. */
  readonly env: Readonly<Record<string, string>>;
  /** What it is called in error messages, and by debuggers. */
  readonly name: string;
  /** How large its JavaScript heap may get, in bytes. Default: as the runtime has it. Node only. */
  readonly heapBytes?: number;
}

/** A script in a thread of this process. */
export interface WorkerThread {
  /** Its number. */
  readonly id: number;
  /** What takes the place of stdin and stdout, as one link. What the script prints does not go here. */
  readonly stdio: Link;
  /** Bytes that it prints to stdout. */
  readonly stdout: ByteSource;
  /** Bytes that it prints to stderr, and the error that ended it. */
  readonly stderr: ByteSource;
  /** Settles when the thread has ended; one that was terminated counts as killed by `SIGKILL`. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Tells it of a signal. Does nothing once it has ended. */
  signal(name: string): void;
  /** Ends it, whatever it does. */
  terminate(): void;
  /** Lets go of every port. */
  release(): void;
}

/** A one-way source of bytes with push delivery, such as a child's stderr. */
export interface ByteSource {
  /** Begins delivery; `end` comes once, also on error. */
  start(handler: { bytes(chunk: Uint8Array): void; end(): void }): void;
  /** Stops reading and lets go. */
  destroy(): void;
}

/** Something that accepts connections. */
export interface Listener {
  /** The address in use (for TCP with the port that was chosen). */
  readonly address: Address;
  /** Stops accepting and removes the socket file. Connections accepted before live on. Idempotent. */
  close(): Promise<void>;
}

/** A value that follows the asynchronous flow of a call. */
export interface AsyncContext<T> {
  /** The value here; `undefined` outside of any `run`. */
  get(): T | undefined;
  /** Calls `fn(...args)` with the value set. */
  run<A extends readonly unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R;
}

/** Facts on a file, from {@linkcode Runtime.stat}. */
export interface FileStat {
  /** What it is, links followed. */
  readonly kind: "file" | "directory" | "socket" | "other";
  /** Permission bits, such as `0o644`. */
  readonly mode: number;
  /** Number of its owner. */
  readonly uid: number;
  /** Size in bytes. */
  readonly size: number;
  /** When it was last changed, in ms since 1970. */
  readonly modifiedMs: number;
}

/** What a file is opened for: to be read, to be read and written in place, as a new one of mode 0600, to be appended to. */
export type FileUse = "read" | "update" | "new" | "append";

/** Facts on an open file. */
export interface OpenFileFacts extends FileStat {
  /** How many names it has; 0 once it was removed. */
  readonly links: number;
  /** What tells it from other files of its file system. */
  readonly id: string;
  /** What it takes of the disk, in bytes. */
  readonly allocatedBytes: number;
}

/** An open file, from {@linkcode Runtime.openFile}. All its methods throw or reject with PluginError `internal`, with errno. */
export interface OpenFile {
  /** Looks at it. */
  facts(): OpenFileFacts;
  /** Reads what is there, at most so much, into an array of its own: empty at the end. */
  read(offset: number, maxBytes: number): Promise<Uint8Array>;
  /** The same, at once: for what is small. */
  readNow(offset: number, maxBytes: number): Uint8Array;
  /** Writes over what is there, at once. */
  writeNow(offset: number, bytes: Uint8Array): void;
  /** Cuts it, or makes it longer by what takes no disk and reads as zeros. */
  truncateNow(size: number): void;
  /** Lets go of it; a read under way still gives what it finds. Idempotent. */
  close(): void;
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
