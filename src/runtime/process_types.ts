import type { LimitedResource } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";
import type { Runtime } from "./runtime.ts";

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
