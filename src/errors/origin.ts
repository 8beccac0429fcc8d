import type { ErrorOrigin } from "./plugin_error.ts";

const origins = new WeakMap<object, ErrorOrigin>();

/** Records that an error came from the other side. */
export function markRemote<T extends object>(error: T): T {
  origins.set(error, "remote");
  return error;
}

/**
 * Says on which side an error arose.
 *
 * @param error Whatever a call rejected with.
 * @returns `"remote"` for what the other side threw or refused, `"local"` for all else.
 *
 * @example
 * ```ts
 * import { errorOrigin } from "@plugwire/plugwire";
 * console.log(errorOrigin(new Error("mine"))); // "local"
 * ```
 */
export function errorOrigin(error: unknown): ErrorOrigin {
  return (typeof error === "object" && error !== null && origins.get(error)) || "local";
}
