import { entriesOf, plainValue } from "./_plain_value.ts";
import { parseLevel } from "./levels.ts";
import type { LogRecord } from "./record.ts";

/** Options of {@linkcode parseHclog}. */
export interface ParseHclogOptions {
  /**
   * Name of the plugin. The record's source is this, or this and the line's `@module`: `greeter.cache`. So no plugin
   * can write in another's name. Without it the module alone.
   */
  readonly source?: string;
  /** Milliseconds since 1970, for lines without a readable `@timestamp`. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a line of hclog is made of; a field of such a name gets an underscore before it. */
const reserved = /^_*@(?:level|message|module|timestamp)$/;

/**
 * Reads a line of JSON as hashicorp/go-hclog writes it: `@level`, `@message`, `@module`, `@timestamp`, and the rest
 * as fields. Never throws. A part of the wrong type does no harm: a message is made a string, any other stays
 * among the fields under its name.
 *
 * @param line The line, without its end.
 * @param options Who wrote it, and a clock.
 * @returns `undefined` when it is no such line: no JSON object, or one with neither `@message` nor `@level`.
 *
 * @example
 * ```ts
 * import { parseHclog } from "./hclog.ts";
 * const record = parseHclog('{"@level":"warn","@message":"full","disk":"/dev/sda1"}', { source: "backup" });
 * console.log(record?.level, record?.message, record?.fields); // warn full { disk: "/dev/sda1" }
 * ```
 */
export function parseHclog(line: string, options: ParseHclogOptions = {}): LogRecord | undefined {
  const parts = objectOf(line);
  if (parts === undefined) return undefined;
  if (!Object.hasOwn(parts, "@message") && !Object.hasOwn(parts, "@level")) return undefined;
  // A rest pattern defines what it copies, so that `__proto__` stays a field.
  const { "@level": rawLevel, "@message": message, "@module": module, "@timestamp": timestamp, ...rest } = parts;
  const level = parseLevel(rawLevel);
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  const fields: Record<string, unknown> = rest;
  if (level === undefined && rawLevel !== undefined) fields["@level"] = rawLevel;
  if (Number.isNaN(time) && timestamp !== undefined) fields["@timestamp"] = timestamp;
  if (typeof module !== "string" && module !== undefined) fields["@module"] = module;
  return {
    time: Number.isNaN(time) ? (options.now ?? Date.now)() : time,
    level: level ?? "info",
    source: sourceOf(options.source, typeof module === "string" ? module : ""),
    message: textOf(message),
    fields,
  };
}

/**
 * Writes a record as one line of hclog's JSON, without the line's end. Takes any fields: what JSON has no form for
 * becomes a string, cycles and great depth are cut with a mark. Never throws.
 *
 * @example
 * ```ts
 * import { formatHclog } from "./hclog.ts";
 * console.log(formatHclog({ time: 0, level: "info", source: "backup", message: "done", fields: { bytes: 5n } }));
 * // {"@level":"info","@message":"done","@module":"backup","@timestamp":"1970-01-01T00:00:00.000000Z","bytes":"5"}
 * ```
 */
export function formatHclog(record: LogRecord): string {
  const message = JSON.stringify(textOf(record.message));
  const module = JSON.stringify(textOf(record.source));
  let line = `{"@level":"${record.level}","@message":${message},"@module":${module},"@timestamp":"${iso(record.time)}"`;
  for (const [name, value] of entriesOf(record.fields)) {
    line += `,${JSON.stringify(reserved.test(name) ? `_${name}` : name)}:${JSON.stringify(plainValue(value))}`;
  }
  return `${line}}`;
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    // A text that begins with a brace and is JSON is an object.
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // No JSON, or nested too deep for this runtime: a plain line.
    return undefined;
  }
}

function sourceOf(source: string | undefined, module: string): string {
  if (source === undefined) return module;
  if (module === "" || module === source) return source;
  return module.startsWith(`${source}.`) ? module : `${source}.${module}`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(plainValue(value)) : String(value);
}

/** Six digits of a second: go-plugin's reader takes no other number of them. */
function iso(time: number): string {
  const date = new Date(time);
  const text = Number.isNaN(date.getTime()) ? new Date().toISOString() : date.toISOString();
  return `${text.slice(0, -1)}000Z`;
}
