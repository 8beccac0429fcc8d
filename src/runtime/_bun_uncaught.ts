import fs from "node:fs";

/**
 * Ends this process on an error or rejection that nobody takes. While the main script waits at its top level, as one
 * that serves does, Bun only prints such an error and goes on, so that calls would wait for ever (oven-sh/bun#22546).
 * A program with a listener of its own decides itself.
 *
 * @param inspect How Bun prints an error.
 */
export function endOnUncaught(inspect: (value: unknown) => string): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown: unknown) => {
      if (process.listenerCount(event) > 1) return;
      const text = thrown instanceof Error ? inspect(thrown) : `error: ${inspect(thrown)}`;
      try {
        fs.writeSync(2, `${text}\n`);
      } catch {
        // Nobody reads it; the process ends all the same.
      }
      process.exit(1);
    });
  }
}
