import { clearTimeout, setTimeout } from "node:timers";
import type { Timer } from "./runtime.ts";

/** The longest delay of `setTimeout`; a longer one would fire at once. */
const longestMs = 2_147_483_647;

/**
 * Sets a timer. `node:timers`, since what the global `setTimeout` gives differs between runtimes, and not all of it
 * can be told not to keep the process alive.
 */
export function setTimer(callback: () => void, delayMs: number, options: { readonly keepAlive?: boolean } = {}): Timer {
  let handle: ReturnType<typeof setTimeout>;
  const arm = (leftMs: number): void => {
    handle = setTimeout(
      () => (leftMs > longestMs ? arm(leftMs - longestMs) : callback()),
      Math.min(Math.max(leftMs, 0), longestMs),
    );
    if (options.keepAlive !== true) handle.unref();
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}
