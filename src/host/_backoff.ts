import type { ReconnectOptions } from "./connect_options.ts";

/** The defaults of {@linkcode ReconnectOptions}. */
export const defaultReconnect: Required<ReconnectOptions> = {
  minMs: 100,
  maxMs: 10_000,
  waitMs: 10_000,
  giveUpMs: Infinity,
};

/**
 * How long to wait before an attempt: a random part of a time that doubles with each one. So a thousand hosts whose plugin was started
 * anew do not all come back in the same moment.
 *
 * @param failed How many attempts in a row have failed.
 * @param random From 0 to 1, as `Math.random` gives it.
 */
export function backoffMs(
  failed: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  random: number,
): number {
  // Past 2^30 the product would be no number any more.
  return random * Math.min(maxMs, minMs * 2 ** Math.min(failed, 30));
}
