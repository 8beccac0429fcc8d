import type { Origin } from "./reference_kind.ts";

/** References that come by references would else have names without end. */
const maxLabelLength = 120;

/**
 * What a call of a reference is called, beside the contract by which it came: `each(callback)` for a function that is an
 * argument of `each`, `table().count` for a method of what `table` gave.
 *
 * @param method Empty for a function.
 */
export function labelOf(origin: Origin, method: string): string {
  const via = origin.method.length > maxLabelLength ? "…" : origin.method;
  return method === "" ? `${via}(callback)` : `${via}().${method}`;
}
