import { ErrorCode, PluginError } from "../errors/mod.ts";
import { reworded } from "../runner/mod.ts";

/** Which plugin it is, and what messages call it. */
export interface Where {
  readonly plugin: string;
  readonly place: string;
}

/** For a first connection that has taken too long. @param last Why the last attempt failed, if one has. */
export function tooLate(
  { plugin, place }: Where,
  startTimeoutMs: number,
  attempts: number,
  last: PluginError | undefined,
): PluginError {
  const text = `${place} could not be joined within ${startTimeoutMs} ms (startTimeoutMs)`;
  if (last === undefined) return new PluginError(ErrorCode.timeout, text, { plugin, execution: "none" });
  const all = `${text}, in ${attempts} attempts; the last one: ${last.message}`;
  return reworded(last, all, { plugin, execution: "none" });
}

/** For one attempt that has. */
export function noAnswer({ plugin, place }: Where, attemptMs: number): PluginError {
  return new PluginError(ErrorCode.timeout, `${place} did not answer within ${attemptMs} ms`, {
    plugin,
    execution: "none",
  });
}

/** For a call that has waited long enough. @param last Why there is no connection. */
export function away({ plugin, place }: Where, waitMs: number, last: PluginError | undefined): PluginError {
  const waited = waitMs === 0 ? "is away" : `has been away for ${waitMs} ms (reconnect.waitMs)`;
  const text = `${place} ${waited}; ${last?.message ?? "it is being ended"}`;
  return new PluginError(ErrorCode.connectFailed, text, { plugin, execution: "none", cause: last });
}

/** For a call whose own time is over before that. */
export function timedOut({ plugin, place }: Where, timeoutMs: number): PluginError {
  return new PluginError(ErrorCode.timeout, `${place} has been away for ${timeoutMs} ms`, {
    plugin,
    execution: "none",
  });
}

/** For a plugin that nobody tries to reach any more. */
export function gaveUp({ place }: Where, last: PluginError, giveUpMs: number): PluginError {
  return reworded(last, `${place} was away for ${giveUpMs} ms (reconnect.giveUpMs): ${last.message}`);
}
