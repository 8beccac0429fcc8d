import { escapeUnits } from "../log/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { toJsonValue } from "./_json_values.ts";
import type { Options } from "./_options.ts";
import { readable } from "./_readable.ts";
import { visibleLines } from "./_visible_lines.ts";

/** Prints text to stdout; on a terminal nothing in it is obeyed. */
export async function printText(text: string, runtime: Runtime): Promise<void> {
  await runtime.print(`${runtime.stdoutIsTerminal() ? visibleLines(text) : text}\n`);
}

/** Prints one line of JSON, harmless on a terminal too. */
export async function printJson(value: unknown, runtime: Runtime): Promise<void> {
  await runtime.print(`${escapeUnits(JSON.stringify(value))}\n`);
}

/** Prints what a call gave. */
export async function printResult(value: unknown, options: Options, runtime: Runtime): Promise<void> {
  if (options.json) return await printJson(toJsonValue(value), runtime);
  if (options.raw && (value instanceof Uint8Array || typeof value === "string")) return await runtime.print(value);
  // A method that gives nothing prints nothing.
  if (value === undefined) return;
  await printText(typeof value === "string" ? value : readable(value), runtime);
}
