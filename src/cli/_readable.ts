import { readableReference, referenceText } from "./_reference_text.ts";
import { isNumberArray } from "./_typed_arrays.ts";
import { errorFields, isPlainNumber, nameOfNumber } from "./_value_parts.ts";

/** Bytes and numbers that are shown of many. */
const shownItems = 32;
const indent = "  ";

/** How a value is written. */
interface Style {
  readonly isOneLine: boolean;
  /** What it is within, from the outside in. */
  readonly within: readonly object[];
}

/**
 * Writes a value for people: JSON where it is plain data. What JSON has no form for is written as in JavaScript (`12n`,
 * `undefined`, `NaN`, `Map {…}`), a time in ISO 8601, bytes as their number and the first of them in hex, what stays with the
 * plugin in brackets (`[function]`).
 */
export function readable(value: unknown): string {
  return write(value, { isOneLine: false, within: [] });
}

/** The same in one line. */
export function readableLine(value: unknown): string {
  return write(value, { isOneLine: true, within: [] });
}

function write(value: unknown, style: Style): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return isPlainNumber(value) ? String(value) : nameOfNumber(value);
  const reference = referenceText(value);
  if (reference !== undefined) return readableReference(reference);
  if (typeof value !== "object" || value === null) return value === undefined ? "undefined" : JSON.stringify(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return binary(value);
  if (style.within.includes(value)) return "[what contains it]";
  return structure(value, { ...style, within: [...style.within, value] });
}

/** What holds other values. @param style That of what it holds. */
function structure(value: object, style: Style): string {
  const each = (member: unknown): string => write(member, style);
  if (Array.isArray(value)) return block("[]", value.map(each), style);
  if (value instanceof Set) return `Set ${block("{}", Array.from(value, each), style)}`;
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, member]) => `${each(key)} => ${each(member)}`);
    return `Map ${block("{}", entries, style)}`;
  }
  const named = ([name, member]: readonly [string, unknown]): string => `${JSON.stringify(name)}: ${each(member)}`;
  if (!(value instanceof Error)) return block("{}", Object.entries(value).map(named), style);
  const fields = errorFields(value);
  const text = value.message === "" ? value.name : `${value.name}: ${value.message}`;
  return fields.length === 0 ? `[${text}]` : `[${text}] ${block("{}", fields.map(named), style)}`;
}

function block([open, close]: string, members: readonly string[], { isOneLine, within }: Style): string {
  if (members.length === 0) return `${open}${close}`;
  if (isOneLine) return `${open}${members.join(", ")}${close}`;
  const inner = `\n${indent.repeat(within.length)}`;
  return `${open}${inner}${members.join(`,${inner}`)}\n${indent.repeat(within.length - 1)}${close}`;
}

function binary(value: ArrayBuffer | ArrayBufferView): string {
  if (isNumberArray(value)) {
    const shown = Array.from(value.subarray(0, shownItems) as ArrayLike<number | bigint>, (item) =>
      Object.is(item, -0) ? "-0" : String(item),
    );
    if (value.length > shownItems) shown.push("…");
    const count = `${value[Symbol.toStringTag]} of ${value.length}`;
    return value.length === 0 ? `<${count}>` : `<${count}: ${shown.join(", ")}>`;
  }
  if (value instanceof Uint8Array) return `<${readableBytes(value)}>`;
  if (value instanceof ArrayBuffer) return `<ArrayBuffer, ${readableBytes(new Uint8Array(value))}>`;
  const { buffer, byteOffset, byteLength } = value;
  return `<DataView, ${readableBytes(new Uint8Array(buffer, byteOffset, byteLength))}>`;
}

function readableBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, shownItems), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const rest = bytes.length > shownItems ? "…" : "";
  const count = `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`;
  return bytes.length === 0 ? count : `${count}: ${hex}${rest}`;
}
