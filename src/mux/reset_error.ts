import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ResetCode } from "./codes.ts";
import type { StreamReset } from "./stream_handler.ts";

const errorCodes: ReadonlyMap<number, ErrorCode> = new Map([
  [ResetCode.done, ErrorCode.cancelled],
  [ResetCode.cancelled, ErrorCode.cancelled],
  [ResetCode.refused, ErrorCode.refused],
  [ResetCode.tooLarge, ErrorCode.tooLarge],
  [ResetCode.timeout, ErrorCode.timeout],
  [ResetCode.internal, ErrorCode.internal],
]);

const resetCodes: ReadonlyMap<ErrorCode, number> = new Map([
  [ErrorCode.refused, ResetCode.refused],
  [ErrorCode.tooLarge, ResetCode.tooLarge],
  [ErrorCode.timeout, ResetCode.timeout],
  [ErrorCode.internal, ResetCode.internal],
]);

/**
 * What a reset means to who used the half.
 *
 * @param reset As received.
 * @param what Begins the message: `the other side stopped reading`.
 * @returns A `PluginError` with the code that belongs to the reset, or `unknown` with the number as `rawCode`.
 */
export function resetError(reset: StreamReset, what: string): PluginError {
  const code = errorCodes.get(reset.code);
  if (code !== undefined) return new PluginError(code, `${what} (${code})`);
  return new PluginError(ErrorCode.unknown, `${what} (code ${reset.code})`, { rawCode: String(reset.code) });
}

/** Number of the reset that says best why somebody gave up: `cancelled` for whatever is no `PluginError`. */
export function resetCodeOf(reason: unknown): number {
  if (!(reason instanceof PluginError)) return ResetCode.cancelled;
  return resetCodes.get(reason.code) ?? ResetCode.cancelled;
}
