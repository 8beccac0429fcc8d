import { consoleSink, type LogSink } from "../log/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { LaunchOptions } from "./options.ts";

/** The sink that the option `log` asks for. */
export function logSinkFrom(log: LaunchOptions["log"], runtime: Runtime): LogSink {
  if (typeof log === "function") return log;
  if (log === false) return () => {};
  const colour = runtime.stderrIsTerminal() && !runtime.env("NO_COLOR");
  return consoleSink({ write: (text) => runtime.writeStderr(text), colour, level: log ?? "info" });
}
