import { consoleSink, type LogLevel, type LogSink } from "../log/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** What the option `log` may be. */
export type LogOption = LogLevel | LogSink | false;

/** The sink that the option `log` asks for. */
export function logSinkFrom(log: LogOption | undefined, runtime: Runtime): LogSink {
  if (typeof log === "function") return log;
  if (log === false) return () => {};
  const colour = runtime.stderrIsTerminal() && !runtime.env("NO_COLOR");
  return consoleSink({ write: (text) => runtime.writeStderr(text), colour, level: log ?? "info" });
}
