import fs from "node:fs";
import { errnoOf } from "./_system_errors.ts";

const stepMs = 2;
const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all bytes to a file descriptor before it returns. Waits while the descriptor is full: a pipe that another
 * part of the process (or the host, for a socket pair) has made non-blocking says EAGAIN instead.
 *
 * @param patienceMs How long to wait in sum before giving up.
 */
export function writeAll(fd: number, bytes: Uint8Array, patienceMs: number): void {
  let written = 0;
  let waitedMs = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(fd, bytes, written, bytes.length - written);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "EINTR") continue;
      if (errno !== "EAGAIN" || waitedMs >= patienceMs) throw error;
      Atomics.wait(cell, 0, 0, stepMs);
      waitedMs += stepMs;
    }
  }
}
