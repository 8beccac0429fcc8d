import type { LogLevel } from "./record.ts";

const ranks: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

const names: ReadonlyMap<string, LogLevel> = new Map([
  ["trace", "trace"],
  ["debug", "debug"],
  ["info", "info"],
  ["notice", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["err", "error"],
  ["fatal", "error"],
  ["critical", "error"],
  ["panic", "error"],
]);

/**
 * Tells whether a record of one level passes a threshold.
 *
 * @param level Level of the record.
 * @param threshold Lowest level that passes.
 *
 * @example
 * ```ts
 * import { isAtLeast } from "./levels.ts";
 * console.log(isAtLeast("warn", "info"), isAtLeast("debug", "info")); // true false
 * ```
 */
export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return ranks[level] >= ranks[threshold];
}

/**
 * Reads the name of a level in upper or lower case, with the usual other names (`warning`, `err`, `fatal`).
 *
 * @returns `undefined` for anything else.
 */
export function parseLevel(value: unknown): LogLevel | undefined {
  if (typeof value !== "string" || value.length > 8) return undefined;
  return names.get(value) ?? names.get(value.toLowerCase());
}
