import { UsageError } from "./_usage_error.ts";

const oddNumber = /^(?:NaN|-?Infinity|-0)$/;

/** An object with one such member alone stands for what JSON cannot say. */
const readers: ReadonlyMap<string, (content: unknown) => unknown> = new Map<string, (content: unknown) => unknown>([
  ["$bigint", (content) => BigInt(checked("$bigint", "a whole number as text", content, /^-?\d+$/))],
  ["$bytes", readBytes],
  ["$date", readDate],
  ["$number", (content) => Number(checked("$number", '"NaN", "Infinity", "-Infinity" or "-0"', content, oddNumber))],
  ["$undefined", readUndefined],
  // For an object that only looks like one of these.
  ["$object", readObject],
]);

/** Longest piece that `String.fromCharCode` is given at once. */
const chunkBytes = 8_192;

/** Makes of a value that a call gave one that JSON can write, and {@linkcode fromJsonValue} makes the same again. */
export function toJsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number") return isPlainNumber(value) ? value : { $number: nameOfNumber(value) };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (Array.isArray(value)) return value.map(toJsonValue);
  const made = mapMembers(value, toJsonValue);
  return tagOf(value) === undefined ? made : { $object: made };
}

/**
 * Makes of what JSON gave the value that it stands for.
 * @throws UsageError for a tag whose content cannot be.
 */
export function fromJsonValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromJsonValue);
  const tag = tagOf(value);
  if (tag === undefined) return mapMembers(value, fromJsonValue);
  return readers.get(tag)!((value as Record<string, unknown>)[tag]);
}

/** True for a number that is the same after JSON. */
export function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/** `NaN`, `-0` and so on, as JavaScript writes them. */
export function nameOfNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function tagOf(value: object): string | undefined {
  const keys = Object.keys(value);
  return keys.length === 1 && readers.has(keys[0]!) ? keys[0] : undefined;
}

function mapMembers(value: object, map: (member: unknown) => unknown): Record<string, unknown> {
  // fromEntries defines, where an assignment to __proto__ would set the prototype.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}

function checked(tag: string, what: string, value: unknown, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new UsageError(`{"${tag}": …} must hold ${what}, not ${JSON.stringify(value)}`);
}

function readBytes(value: unknown): Uint8Array {
  try {
    if (typeof value === "string") return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    // Said below, with what was met.
  }
  throw new UsageError(`{"$bytes": …} must hold base64, not ${JSON.stringify(value)}`);
}

function readDate(value: unknown): Date {
  if (value === null) return new Date(Number.NaN);
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UsageError(
    `{"$date": …} must hold a time such as "2026-01-31T12:00:00.000Z", not ${JSON.stringify(value)}`,
  );
}

function readUndefined(value: unknown): undefined {
  if (value !== true) throw new UsageError(`{"$undefined": …} must hold true, not ${JSON.stringify(value)}`);
}

function readObject(value: unknown): unknown {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return mapMembers(value, fromJsonValue);
  throw new UsageError(`{"$object": …} must hold an object, not ${JSON.stringify(value)}`);
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return btoa(text);
}
