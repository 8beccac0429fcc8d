import type { Writable } from "node:stream";
import { isPeerGone } from "./_system_errors.ts";

const guarded = new WeakSet<object>();

/**
 * Lets a standard stream outlive its reader. Without a listener the EPIPE of one `console.log` after the host died
 * ends a Node process in the midst of its own shutdown. Any other error stays uncaught, as it was.
 */
export function surviveBrokenPipe(stream: Writable): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on("error", (error: unknown) => {
    if (!isPeerGone(error)) throw error;
  });
}

/** The same for what the program prints to stdout and stderr. */
export function outliveReaders(): void {
  surviveBrokenPipe(process.stdout);
  surviveBrokenPipe(process.stderr);
}
