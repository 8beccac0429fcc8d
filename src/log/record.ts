/** One of the five levels of a record, lowest first. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Levels, lowest first. */
export const logLevels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** One line of a log. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How much it matters. */
  readonly level: LogLevel;
  /** Where it comes from: the plugin's name, or `plugwire` for Plugwire's own. */
  readonly source: string;
  /** What happened. */
  readonly message: string;
  /** What belongs to it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Takes records. What it throws or rejects with is ignored: a log never breaks what it reports on. */
export type LogSink = (record: LogRecord) => void;

/** Writes records: one method per level. */
export interface Logger {
  /**
   * Every step, for who debugs.
   *
   * @param message What happened.
   * @param fields What belongs to it.
   */
  trace(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What helps to find a fault. */
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What is worth knowing. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What may go wrong. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** What went wrong. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
