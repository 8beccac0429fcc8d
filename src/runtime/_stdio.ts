import net from "node:net";
import { type Readable, Writable } from "node:stream";
import { ErrorCode } from "../errors/mod.ts";
import { type Link, writeBufferBytes } from "../transport/link.ts";
import { outliveReaders, surviveBrokenPipe } from "./_broken_pipe.ts";
import { redirectOutput } from "./_redirect.ts";
import { StreamLink } from "./_stream_link.ts";
import { errnoOf, systemError } from "./_system_errors.ts";
import { writeAll } from "./_write_all.ts";

/** How long output waits for a reader that is there and does not read. */
const stdoutPatienceMs = 30_000;
const stderrPatienceMs = 2_000;

/** Opens an inherited descriptor as a socket of the runtime; `undefined` where it is not a pipe or socket. */
export type OpenDescriptor = (fd: number) => net.Socket | undefined;

/** As Node and Deno do it. */
export function openDescriptor(fd: number): net.Socket | undefined {
  try {
    return new net.Socket({ fd, readable: fd === 0, writable: fd !== 0, allowHalfOpen: true });
  } catch (error) {
    // A file, a terminal or the null device.
    if (errnoOf(error) === "ERR_INVALID_FD_TYPE") return undefined;
    throw error;
  }
}

/** This process's stdin and stdout as a link; what the program prints goes to stderr from now on. */
export function ownStdio(open: OpenDescriptor): Link {
  const input = open(0) ?? process.stdin;
  const output = open(1) ?? plainStdout();
  redirectOutput();
  return new StreamLink("stdio", input, output);
}

/** Stdout where it cannot be a socket: through the runtime's own stream, before that is redirected. */
function plainStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  surviveBrokenPipe(process.stdout);
  return new Writable({
    highWaterMark: writeBufferBytes,
    write: (chunk: Uint8Array, _encoding, done) => {
      write(chunk, (error) => done(error));
    },
  });
}

/** What comes in on stdin, through the runtime's own stream. */
export function ownStdin(): AsyncIterable<Uint8Array> {
  return process.stdin;
}

/** Calls back once stdin ends, fails, or is not there. */
export function onStdinEnd(open: OpenDescriptor, callback: () => void): () => void {
  outliveReaders();
  let watching = true;
  const over = (): void => {
    if (!watching) return;
    watching = false;
    callback();
  };
  let input: Readable & { unref?(): unknown };
  try {
    input = open(0) ?? process.stdin;
  } catch {
    // No stdin at all is one that has ended.
    queueMicrotask(over);
    return () => {
      watching = false;
    };
  }
  for (const event of ["end", "close", "error"]) input.on(event, over);
  input.resume();
  input.unref?.();
  return () => {
    watching = false;
    // Not destroyed: the next file that is opened would become the process's stdin.
    input.pause();
  };
}

/** Writes text to stdout, all of it. */
export function writeStdout(text: string): void {
  outliveReaders();
  try {
    writeAll(1, new TextEncoder().encode(text), stdoutPatienceMs);
  } catch (error) {
    throw systemError(ErrorCode.transport, "cannot write to stdout", error);
  }
}

/** Writes to stdout as fast as its reader takes it, and waits for that without holding up the event loop. */
export function print(data: string | Uint8Array): Promise<void> {
  outliveReaders();
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (!error) resolve();
      else reject(systemError(ErrorCode.transport, "cannot write to stdout", error));
    });
  });
}

/** Writes to stderr as far as somebody reads it. */
export function writeStderr(text: string | Uint8Array): void {
  surviveBrokenPipe(process.stderr);
  try {
    writeAll(2, typeof text === "string" ? new TextEncoder().encode(text) : text, stderrPatienceMs);
  } catch {
    // Stderr is where this would be reported.
  }
}
