import { mapMembers, tagOf, tagReaders, toBase64 } from "./_json_tags.ts";
import { referenceText } from "./_reference_text.ts";
import { isNumberArray } from "./_typed_arrays.ts";
import { errorFields, isPlainNumber, nameOfNumber } from "./_value_parts.ts";

/**
 * Makes of a value that a call gave one that JSON can write, and {@linkcode fromJsonValue} makes the same again: of all but
 * errors and what stays with the plugin.
 */
export function toJsonValue(value: unknown): unknown {
  return write(value, []);
}

function write(value: unknown, within: readonly object[]): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number") return isPlainNumber(value) ? value : { $number: nameOfNumber(value) };
  const reference = referenceText(value);
  if (reference !== undefined) return { $reference: reference };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (value instanceof URL) return { $url: value.href };
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags] };
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return binary(value);
  // How far out it is.
  if (within.includes(value)) return { $within: within.length - within.indexOf(value) };
  return structure(value, [...within, value]);
}

/** What holds other values. @param within It, and what it is within. */
function structure(value: object, within: readonly object[]): unknown {
  const each = (member: unknown): unknown => write(member, within);
  if (Array.isArray(value)) return value.map(each);
  if (value instanceof Map) return { $map: Array.from(value, ([key, member]) => [each(key), each(member)]) };
  if (value instanceof Set) return { $set: Array.from(value, each) };
  if (value instanceof Error) {
    const fields = Object.fromEntries(errorFields(value).map(([name, member]) => [name, each(member)]));
    return { $error: { ...fields, name: value.name, message: value.message } };
  }
  const made = mapMembers(value, each);
  return tagOf(value) === undefined ? made : { $object: made };
}

function binary(value: ArrayBuffer | ArrayBufferView): unknown {
  if (value instanceof ArrayBuffer) return { $buffer: toBase64(new Uint8Array(value)) };
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (isNumberArray(value)) {
    const items = Array.from(value as ArrayLike<number | bigint>, (item) => write(item, []));
    return { $typedArray: [value[Symbol.toStringTag], items] };
  }
  const { buffer, byteOffset, byteLength } = value;
  return { $view: toBase64(new Uint8Array(buffer, byteOffset, byteLength)) };
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
  return tagReaders.get(tag)!((value as Record<string, unknown>)[tag], fromJsonValue);
}
