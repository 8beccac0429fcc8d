import { consoleSink } from "./console_sink.ts";
import { createLogger, type NamedLogger } from "./logger.ts";
import type { LogSink } from "./record.ts";

// Until somebody says otherwise: readable lines on stderr, which is where every console writes its errors.
let sink: LogSink = consoleSink({ write: (text) => console.error(text.trimEnd()) });

/** Says where {@linkcode log} writes from now on: a plugin under a host sends its records there. */
export function setLogSink(next: LogSink): void {
  sink = next;
}

/**
 * The log of this program. In a plugin under a host its records arrive in the host's log, under the plugin's name; in any
 * other program they are readable lines on stderr, info and up. Inside a call prefer `callContext().log`, which also names
 * the call.
 *
 * @example
 * ```ts
 * import { log } from "@plugwire/plugwire";
 * log.warn("disk is nearly full", { disk: "sda1", percent: 97 });
 * ```
 */
export const log: NamedLogger = createLogger({ source: "", sink: (record) => sink(record) });
