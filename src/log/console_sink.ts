import { formatConsole } from "./console_format.ts";
import { isAtLeast } from "./levels.ts";
import type { LogLevel, LogRecord, LogSink } from "./record.ts";

/** Options of {@linkcode consoleSink}. */
export interface ConsoleSinkOptions {
  /** Takes each record as text, with the line's end. */
  readonly write: (text: string) => void;
  /** Adds colours. Default `false`. */
  readonly colour?: boolean;
  /** Lowest level that is written. Default `info`. */
  readonly level?: LogLevel;
}

/**
 * Makes a sink that writes records for people, see {@linkcode formatConsole}.
 *
 * @param options Where to, and how.
 *
 * @example
 * ```ts
 * import { consoleSink } from "./console_sink.ts";
 * const sink = consoleSink({ write: (text) => console.error(text.trimEnd()), level: "warn" });
 * sink({ time: Date.now(), level: "error", source: "backup", message: "disk full", fields: {} });
 * ```
 */
export function consoleSink(options: ConsoleSinkOptions): LogSink {
  const { write, colour = false, level = "info" } = options;
  return (record: LogRecord): void => {
    if (isAtLeast(record.level, level)) write(`${formatConsole(record, { colour })}\n`);
  };
}
