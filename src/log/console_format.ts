import { entriesOf, plainValue } from "./_plain_value.ts";
import { visible } from "./_visible.ts";
import type { LogLevel, LogRecord } from "./record.ts";

/** Options of {@linkcode formatConsole}. */
export interface ConsoleFormatOptions {
  /** Adds colours by terminal sequences. Default `false`. */
  readonly colour?: boolean;
}

const labels: Readonly<Record<LogLevel, string>> = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO ",
  warn: "WARN ",
  error: "ERROR",
};

const levelColours: Readonly<Record<LogLevel, string>> = {
  trace: "90",
  debug: "36",
  info: "32",
  warn: "33",
  error: "31",
};
/** None of the levels' own, so that a source never looks like one. */
const sourceColours = ["35", "34", "96", "95", "94", "92"] as const;
const dim = "2";

const indent = "    ";
/** A value that can stand without quotes. */
const bare = /^[^\s"=\\]+$/;
/** How many causes of an error are shown. */
const maxCauses = 4;

/**
 * Writes a record for people: `12:34:56.789 WARN  greeter: message key=value`, the time in the local zone. Further
 * lines of a message, texts of several lines and the stacks of errors stand below, indented. Without the last
 * line's end.
 *
 * What comes from the plugin cannot drive the terminal: control characters are written out (`\x1b`), colours
 * left out. Never throws.
 *
 * @param record The record.
 * @param options Whether to colour.
 *
 * @example
 * ```ts
 * import { formatConsole } from "./console_format.ts";
 * const record = { time: 0, level: "warn", source: "backup", message: "disk full", fields: { disk: "sda1" } } as const;
 * console.log(formatConsole(record)); // 00:00:00.000 WARN  backup: disk full disk=sda1
 * ```
 */
export function formatConsole(record: LogRecord, options: ConsoleFormatOptions = {}): string {
  const paint = options.colour === true ? painted : unpainted;
  const lines = String(record.message).split(/\r?\n/);
  const source = visible(String(record.source));
  let line = `${paint(dim, clock(record.time))} ${paint(levelColours[record.level], labels[record.level])}`;
  if (source !== "") line += ` ${paint(colourOf(source), source)}:`;
  if (lines[0] !== "") line += ` ${visible(lines[0]!)}`;
  let below = "";
  for (let index = 1; index < lines.length; index++) below += `\n${indent}${visible(lines[index]!)}`;
  for (const [name, value] of entriesOf(record.fields)) {
    const block = blockOf(value);
    if (block === undefined) line += ` ${paint(dim, `${fieldName(name)}=`)}${fieldValue(value)}`;
    else below += `\n${indent}${paint(dim, `${fieldName(name)}:`)}${indented(block)}`;
  }
  return line + below;
}

/**
 * Writes fields as `key=value key="two words"`, safe for a terminal.
 *
 * @returns An empty string when there are none.
 */
export function formatFields(fields: LogRecord["fields"]): string {
  return entriesOf(fields)
    .map(([name, value]) => `${fieldName(name)}=${fieldValue(value)}`)
    .join(" ");
}

function fieldName(name: string): string {
  return bare.test(name) ? visible(name) : visible(JSON.stringify(name));
}

function fieldValue(value: unknown): string {
  if (typeof value === "string") return bare.test(value) ? visible(value) : visible(JSON.stringify(value));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const plain = plainValue(value);
  return visible(typeof plain === "string" && bare.test(plain) ? plain : JSON.stringify(plain));
}

/** Text of several lines, or the stack of an error, whether it is one or has come through JSON. */
function blockOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.includes("\n") ? value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const stacks: string[] = [];
  let error = plainValue(value) as { stack?: unknown; cause?: unknown } | null;
  for (let depth = 0; depth < maxCauses && typeof error?.stack === "string"; depth++) {
    stacks.push(error.stack);
    error = (error.cause ?? null) as typeof error;
  }
  return stacks.length === 0 ? undefined : stacks.join("\nCaused by: ");
}

function indented(block: string): string {
  let text = "";
  for (const line of block.split(/\r?\n/)) text += `\n${indent}${indent}${visible(line)}`;
  return text;
}

/** The last second and its text: most records share theirs with the one before. */
let clockSecond = Number.NaN;
let clockText = "";

function clock(time: number): string {
  const second = Math.floor(time / 1_000);
  if (second !== clockSecond) {
    const date = new Date(time);
    clockSecond = second;
    clockText = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(":");
  }
  return `${clockText}.${pad(Math.floor(time - second * 1_000), 3)}`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

function colourOf(source: string): string {
  let sum = 0;
  // 31 is 1 modulo the number of colours, and would give all anagrams the same: node and deno.
  for (let index = 0; index < source.length; index++) sum = (sum * 33 + source.charCodeAt(index)) >>> 0;
  return sourceColours[sum % sourceColours.length]!;
}

function painted(colour: string, text: string): string {
  return `\u001b[${colour}m${text}\u001b[0m`;
}

function unpainted(_colour: string, text: string): string {
  return text;
}
