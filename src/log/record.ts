/** Levels, lowest first. */
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

/** One of the five levels of a record. */
export type LogLevel = (typeof logLevels)[number];

/** One line of a log. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  /** Where it comes from: the plugin's name, or `plugwire` for Plugwire's own. */
  readonly source: string;
  readonly message: string;
  /** What belongs to it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Takes records. What it throws is ignored: a log never breaks what it reports on. */
export type LogSink = (record: LogRecord) => void;

/** Writes records: one method per level. */
export interface Logger {
  /** @param message What happened. @param fields What belongs to it. */
  trace(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
