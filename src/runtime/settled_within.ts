import type { Runtime } from "./runtime.ts";

/**
 * Waits for a promise that never rejects, but not for ever.
 *
 * @returns `true` when it settled in time.
 */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number, runtime: Runtime): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = runtime.setTimer(() => resolve(false), timeoutMs, { keepAlive: true });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.cancel();
  }
}
