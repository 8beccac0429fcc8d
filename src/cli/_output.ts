import { escapeUnits } from "../log/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { toJsonValue } from "./_json_values.ts";
import type { Options } from "./_options.ts";
import { readable, readableLine } from "./_readable.ts";
import { isStream } from "./_reference_text.ts";
import { visibleLines } from "./_visible_lines.ts";

/** Prints text to stdout; on a terminal nothing in it is obeyed. */
export async function printText(text: string, runtime: Runtime): Promise<void> {
  await runtime.print(`${runtime.stdoutIsTerminal() ? visibleLines(text) : text}\n`);
}

/** Prints one line of JSON, harmless on a terminal too. */
export async function printJson(value: unknown, runtime: Runtime): Promise<void> {
  await runtime.print(`${escapeUnits(JSON.stringify(value))}\n`);
}

/** Prints what a call gave; of a stream each item as it comes. */
export async function printResult(value: unknown, options: Options, runtime: Runtime): Promise<void> {
  if (isStream(value)) return await printStream(value, options, runtime);
  if (options.json) return await printJson(toJsonValue(value), runtime);
  if (options.raw && (value instanceof Uint8Array || typeof value === "string")) return await runtime.print(value);
  // A method that gives nothing prints nothing.
  if (value === undefined) return;
  await printText(typeof value === "string" ? value : readable(value), runtime);
}

async function printStream(stream: AsyncIterable<unknown>, options: Options, runtime: Runtime): Promise<void> {
  // A terminal gets the text of bytes, as they could drive it.
  const decoder = runtime.stdoutIsTerminal() && !options.raw ? new TextDecoder() : undefined;
  for await (const item of stream) {
    if (options.json) await printJson(toJsonValue(item), runtime);
    else if (item instanceof Uint8Array) {
      await runtime.print(decoder === undefined ? item : visibleLines(decoder.decode(item, { stream: true })));
    } else if (options.raw && typeof item === "string") await runtime.print(item);
    else await printText(typeof item === "string" ? item : readableLine(item), runtime);
  }
  const rest = decoder?.decode() ?? "";
  if (rest !== "") await runtime.print(rest);
}
