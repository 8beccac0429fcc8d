/** Log records, the lines they are carried by, and their readable form. @module */
export { escapeUnits, visible } from "./_visible.ts";
export { whenRejected } from "./_when_rejected.ts";
export { type ConsoleFormatOptions, formatConsole, formatFields } from "./console_format.ts";
export { type ConsoleSinkOptions, consoleSink } from "./console_sink.ts";
export { formatHclog, type ParseHclogOptions, parseHclog } from "./hclog.ts";
export { isAtLeast, parseLevel } from "./levels.ts";
export { log, setLogSink } from "./log.ts";
export { createLogger, type LoggerOptions, type NamedLogger } from "./logger.ts";
export { type Logger, type LogLevel, type LogRecord, type LogSink, logLevels } from "./record.ts";
export { StderrLines, type StderrLinesOptions } from "./stderr_lines.ts";
export { StderrTail } from "./stderr_tail.ts";
