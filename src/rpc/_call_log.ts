import type { Logger } from "../log/mod.ts";

/** The same log, with the name of a call in each record. */
export function callLog(log: Logger, call: string): Logger {
  const at =
    (write: Logger["info"]): Logger["info"] =>
    (message, fields) =>
      write(message, { ...fields, call });
  return { trace: at(log.trace), debug: at(log.debug), info: at(log.info), warn: at(log.warn), error: at(log.error) };
}
