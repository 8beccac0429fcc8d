import { shownValue } from "../errors/check_options.ts";
import { hint } from "../errors/near_miss.ts";

const names: readonly string[] = ["signal", "timeoutMs", "metadata"];

/**
 * Checks the options of calls, which programs without types may get wrong. By hand: calls may have options of their own each.
 *
 * @throws TypeError for an option that does not exist, or a value of the wrong kind. @throws RangeError for a time below 0, or that is no number.
 */
export function checkCallOptions(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`the options of withOptions must be an object, not ${shownValue(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`unknown option ${JSON.stringify(name)} of withOptions${hint(name, names)}`);
    }
  }
  const { signal, timeoutMs, metadata } = options as Readonly<Record<string, unknown>>;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong("signal", "an AbortSignal", signal);
  if (timeoutMs !== undefined && typeof timeoutMs !== "number") throw wrong("timeoutMs", "a number of ms", timeoutMs);
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new RangeError(`option timeoutMs of withOptions must be a number of ms from 0, not ${timeoutMs}`);
  }
  if (metadata !== undefined && !isRecord(metadata)) throw wrong("metadata", "an object of plain data", metadata);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, rule: string, value: unknown): TypeError {
  return new TypeError(`option ${name} of withOptions must be ${rule}, not ${shownValue(value)}`);
}
