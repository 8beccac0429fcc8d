import { whenRejected } from "./_when_rejected.ts";
import { isAtLeast } from "./levels.ts";
import type { Logger, LogLevel, LogSink } from "./record.ts";

/** Options of {@linkcode createLogger}. */
export interface LoggerOptions {
  /** Where the records come from; may be empty. */
  readonly source: string;
  /** Takes the records. What it throws is ignored. */
  readonly sink: LogSink;
  /** Lowest level that reaches the sink. Default `trace`: the sink decides. */
  readonly level?: LogLevel;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** A {@linkcode Logger} that can have children. None of its methods throws. */
export interface NamedLogger extends Logger {
  /** Makes a logger whose source is this one's, a dot, and a name: `greeter.cache`. */
  named(name: string): NamedLogger;
  /** Tells whether records of a level reach the sink, before one is made at a cost. */
  isEnabled(level: LogLevel): boolean;
}

const none: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * Makes a logger. It never throws, whatever the sink does and whatever it is given. Its methods need no `this`.
 *
 * @param options Source, sink and threshold.
 *
 * @example
 * ```ts
 * import { createLogger } from "./logger.ts";
 * const log = createLogger({ source: "backup", sink: (record) => console.log(record.source, record.message) });
 * log.named("disk").warn("full", { disk: "sda1" }); // backup.disk full
 * ```
 */
export function createLogger(options: LoggerOptions): NamedLogger {
  const { source, sink, level: threshold = "trace", now = Date.now } = options;
  const at = (level: LogLevel): Logger["info"] => {
    if (!isAtLeast(level, threshold)) return () => {};
    return (message, fields) => {
      try {
        const given: unknown = sink({ time: now(), level, source, message: String(message), fields: fieldsOf(fields) });
        whenRejected(given, () => {});
      } catch {
        // A log never breaks what it reports on, and there is nowhere left to report to.
      }
    };
  };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    named: (name) => createLogger({ ...options, source: source === "" ? name : `${source}.${name}` }),
    isEnabled: (level) => isAtLeast(level, threshold),
  };
}

/** Callers without types pass what they are used to from `console.error`: an error, or any value. */
function fieldsOf(fields: unknown): Readonly<Record<string, unknown>> {
  if (fields === undefined || fields === null) return none;
  if (fields instanceof Error) return { error: fields };
  if (typeof fields !== "object" || Array.isArray(fields)) return { value: fields };
  return fields as Readonly<Record<string, unknown>>;
}
