import type { Runtime } from "../runtime/runtime.ts";
import { toJsonValue } from "./_json_values.ts";
import type { Options } from "./_options.ts";
import { readable } from "./_readable.ts";
import { visibleLines } from "./_visible_lines.ts";

/** Prints text to stdout; on a terminal nothing in it is obeyed. */
export async function printText(text: string, runtime: Runtime): Promise<void> {
  await runtime.print(`${runtime.stdoutIsTerminal() ? visibleLines(text) : text}\n`);
}

/** What JSON leaves as it is and a terminal would obey or hide; within JSON it stands in strings alone. */
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Prints one line of JSON, harmless on a terminal too. */
export async function printJson(value: unknown, runtime: Runtime): Promise<void> {
  await runtime.print(`${JSON.stringify(value).replace(obeyed, escapeUnits)}\n`);
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

/** Prints what a call gave. */
export async function printResult(value: unknown, options: Options, runtime: Runtime): Promise<void> {
  if (options.json) return await printJson(toJsonValue(value), runtime);
  if (options.raw && (value instanceof Uint8Array || typeof value === "string")) return await runtime.print(value);
  // A method that gives nothing prints nothing.
  if (value === undefined) return;
  await printText(typeof value === "string" ? value : readable(value), runtime);
}
