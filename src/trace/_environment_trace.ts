import { DebugVariable } from "../handshake/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type TraceEvent, traceText } from "./trace_event.ts";

const off: readonly string[] = ["", "0", "false"];
const toStderr: readonly string[] = ["1", "true"];

/**
 * Takes the events that `PLUGWIRE_TRACE` asks for: `1` for lines on stderr, else the path of a file that they are added to.
 * `undefined` when it asks for none.
 */
export function environmentTrace(runtime: Runtime): ((event: TraceEvent) => void) | undefined {
  const wanted = runtime.env(DebugVariable.trace) ?? "";
  if (off.includes(wanted)) return undefined;
  if (toStderr.includes(wanted)) return (event) => runtime.writeStderr(lineOf(event, ""));
  let hasFailed = false;
  return (event) => {
    if (hasFailed) return;
    try {
      // Both sides may be told the same file.
      runtime.appendPrivate(wanted, lineOf(event, ` ${runtime.pid}`));
    } catch (error) {
      hasFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      runtime.writeStderr(`plugwire: ${DebugVariable.trace}: ${why}; nothing more is traced\n`);
    }
  };
}

function lineOf(event: TraceEvent, by: string): string {
  return `${new Date(event.time).toISOString()}${by} ${event.peer} ${traceText(event)}\n`;
}
