import fs from "node:fs";
import { ErrorCode } from "../errors/mod.ts";
import { errnoOf, systemError } from "./_system_errors.ts";
import type { FileUse, OpenFile, OpenFileFacts } from "./runtime.ts";

/** For their owner alone. */
const privateMode = 0o600;

function flagsOf(use: FileUse): number {
  const { O_RDONLY, O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  // A pipe that stands in the place of the file would be waited for until somebody writes to it.
  if (use === "read") return O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  if (use === "append") return O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW;
  return O_RDWR | O_NOFOLLOW | (use === "new" ? O_CREAT | O_EXCL : 0);
}

/** Opens a file and gives its number, for a child's standard stream. */
export function openDescriptor(path: string, use: FileUse): number {
  try {
    return fs.openSync(path, flagsOf(use), privateMode);
  } catch (error) {
    const code = errnoOf(error) === "ENOENT" ? ErrorCode.notFound : ErrorCode.internal;
    throw systemError(code, `cannot open ${path}`, error);
  }
}

/** Opens a file. */
export function openFile(path: string, use: FileUse): OpenFile {
  return new DescribedFile(path, openDescriptor(path, use));
}

class DescribedFile implements OpenFile {
  readonly #path: string;
  readonly #fd: number;
  /** Reads under way. The system gives the number of a closed file to the next one, which a late read must not meet. */
  #reads = 0;
  #isClosed = false;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  facts(): OpenFileFacts {
    try {
      const facts = fs.fstatSync(this.#open());
      const kind = facts.isFile() ? "file" : facts.isDirectory() ? "directory" : facts.isSocket() ? "socket" : "other";
      const { mode, uid, size, mtimeMs, nlink, ino, blocks } = facts;
      const allocatedBytes = blocks * blockBytes;
      return { kind, mode: mode & 0o7777, uid, size, modifiedMs: mtimeMs, links: nlink, id: `${ino}`, allocatedBytes };
    } catch (error) {
      throw systemError(ErrorCode.internal, `cannot look at ${this.#path}`, error);
    }
  }

  read(offset: number, maxBytes: number): Promise<Uint8Array> {
    const fd = this.#open();
    const into = new Uint8Array(maxBytes);
    this.#reads++;
    return new Promise((resolve, reject) => {
      fs.read(fd, into, 0, maxBytes, offset, (error, count) => {
        this.#reads--;
        if (this.#isClosed) this.#closeNow();
        if (error) reject(systemError(ErrorCode.internal, `cannot read ${this.#path}`, error));
        else resolve(into.subarray(0, count));
      });
    });
  }

  readNow(offset: number, maxBytes: number): Uint8Array {
    try {
      const into = new Uint8Array(maxBytes);
      return into.subarray(0, fs.readSync(this.#open(), into, 0, maxBytes, offset));
    } catch (error) {
      throw systemError(ErrorCode.internal, `cannot read ${this.#path}`, error);
    }
  }

  writeNow(offset: number, bytes: Uint8Array): void {
    try {
      let written = 0;
      while (written < bytes.length)
        written += fs.writeSync(this.#open(), bytes, written, bytes.length - written, offset + written);
    } catch (error) {
      throw systemError(ErrorCode.internal, `cannot write to ${this.#path}`, error);
    }
  }

  truncateNow(size: number): void {
    try {
      fs.ftruncateSync(this.#open(), size);
    } catch (error) {
      throw systemError(ErrorCode.internal, `cannot truncate ${this.#path}`, error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeNow();
  }

  #open(): number {
    if (this.#isClosed) throw new TypeError(`${this.#path} is closed`);
    return this.#fd;
  }

  #closeNow(): void {
    if (this.#reads === 0) fs.closeSync(this.#fd);
  }
}

/** The unit of `st_blocks`, whatever the file system's own is. */
const blockBytes = 512;
