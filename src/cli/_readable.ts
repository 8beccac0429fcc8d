import { isPlainNumber, nameOfNumber } from "./_json_values.ts";

/** Bytes that are shown of many. */
const shownBytes = 32;
const indent = "  ";

/**
 * Writes a value for people: JSON where it is plain data. What JSON has no form for is written as in JavaScript (`12n`,
 * `undefined`, `NaN`), a time in ISO 8601, bytes as their number and the first of them in hex.
 */
export function readable(value: unknown, depth = 0): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return isPlainNumber(value) ? String(value) : nameOfNumber(value);
  if (typeof value !== "object" || value === null) return value === undefined ? "undefined" : JSON.stringify(value);
  if (value instanceof Uint8Array) return readableBytes(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (Array.isArray(value)) {
    return block(
      "[]",
      value.map((member) => readable(member, depth + 1)),
      depth,
    );
  }
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${readable(member, depth + 1)}`,
  );
  return block("{}", members, depth);
}

function block([open, close]: string, members: readonly string[], depth: number): string {
  if (members.length === 0) return `${open}${close}`;
  const inner = `\n${indent.repeat(depth + 1)}`;
  return `${open}${inner}${members.join(`,${inner}`)}\n${indent.repeat(depth)}${close}`;
}

function readableBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const rest = bytes.length > shownBytes ? "…" : "";
  const count = `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`;
  return bytes.length === 0 ? `<${count}>` : `<${count}: ${hex}${rest}>`;
}
