import type { Runtime } from "./runtime.ts";

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
