import assert from "node:assert/strict";

/**
 * Waits for what gives no event (processes of others, files that others write) by looking at it.
 *
 * @param what What it is, for the error.
 */
export async function until(what: string, holds: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `not after ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
