import { makeNumberArray } from "./_typed_arrays.ts";
import { UsageError } from "./_usage_error.ts";

/** Longest piece that `String.fromCharCode` is given at once. */
const chunkBytes = 8_192;
const oddNumber = /^(?:NaN|-?Infinity|-0)$/;
const notMade = "stands for what a call gave; the command cannot make one to pass it";

/** Makes the value of what a tag holds. @param inner Makes values of what stands in it. @throws UsageError */
type TagReader = (content: unknown, inner: (value: unknown) => unknown) => unknown;

/** An object with one such member alone stands for what JSON cannot say. */
export const tagReaders: ReadonlyMap<string, TagReader> = new Map<string, TagReader>([
  ["$bigint", (content) => BigInt(checked("$bigint", "a whole number as text", content, /^-?\d+$/))],
  ["$bytes", (content) => fromBase64("$bytes", content)],
  ["$buffer", (content) => fromBase64("$buffer", content).buffer],
  ["$view", (content) => new DataView(fromBase64("$view", content).buffer)],
  ["$date", readDate],
  ["$number", (content) => Number(checked("$number", '"NaN", "Infinity", "-Infinity" or "-0"', content, oddNumber))],
  ["$undefined", readUndefined],
  ["$map", readMap],
  ["$set", (content, inner) => new Set(listed("$set", content).map(inner))],
  ["$typedArray", readTypedArray],
  ["$url", readUrl],
  ["$regexp", readRegExp],
  // For an object that only looks like one of these.
  ["$object", readObject],
  ["$error", () => refuse("$error", notMade)],
  ["$reference", () => refuse("$reference", notMade)],
  ["$within", () => refuse("$within", notMade)],
]);

/** The tag of an object that stands for something else. */
export function tagOf(value: object): string | undefined {
  const keys = Object.keys(value);
  return keys.length === 1 && tagReaders.has(keys[0]!) ? keys[0] : undefined;
}

/** Bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return btoa(text);
}

/** The same object with other members. */
export function mapMembers(value: object, map: (member: unknown) => unknown): Record<string, unknown> {
  // fromEntries defines, where an assignment to __proto__ would set the prototype.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}

function refuse(tag: string, why: string): never {
  throw new UsageError(`{"${tag}": …} ${why}`);
}

function mustHold(tag: string, what: string, value: unknown): never {
  return refuse(tag, `must hold ${what}, not ${JSON.stringify(value)}`);
}

function checked(tag: string, what: string, value: unknown, pattern: RegExp): string {
  return typeof value === "string" && pattern.test(value) ? value : mustHold(tag, what, value);
}

function listed(tag: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : mustHold(tag, "a list", value);
}

function fromBase64(tag: string, value: unknown): Uint8Array<ArrayBuffer> {
  try {
    if (typeof value === "string") return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    // Said below, with what was met.
  }
  return mustHold(tag, "base64", value);
}

function readDate(value: unknown): Date {
  if (value === null) return new Date(Number.NaN);
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? mustHold("$date", 'a time such as "2026-01-31T12:00:00.000Z"', value) : date;
}

function readUndefined(value: unknown): undefined {
  if (value !== true) mustHold("$undefined", "true", value);
}

function readMap(value: unknown, inner: (value: unknown) => unknown): Map<unknown, unknown> {
  const entries = listed("$map", value).map((entry) => {
    if (!Array.isArray(entry) || entry.length !== 2) return mustHold("$map", "pairs of a key and a value", value);
    return [inner(entry[0]), inner(entry[1])] as const;
  });
  return new Map(entries);
}

function readTypedArray(value: unknown, inner: (value: unknown) => unknown): unknown {
  const [name, items] = listed("$typedArray", value);
  const isWhole = typeof name === "string" && Array.isArray(items);
  const made = isWhole ? makeNumberArray(name, items.map(inner)) : undefined;
  return made ?? mustHold("$typedArray", 'a name and its numbers, such as ["Float64Array",[1,2]]', value);
}

function readUrl(value: unknown): URL {
  return (typeof value === "string" ? URL.parse(value) : null) ?? mustHold("$url", "an address", value);
}

function readRegExp(value: unknown): RegExp {
  const [source, flags] = listed("$regexp", value);
  try {
    if (typeof source === "string" && typeof flags === "string") return new RegExp(source, flags);
  } catch {
    // Said below.
  }
  return mustHold("$regexp", 'a pattern and its flags, such as ["a+","i"]', value);
}

function readObject(value: unknown, inner: (value: unknown) => unknown): unknown {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return mapMembers(value, inner);
  return mustHold("$object", "an object", value);
}
