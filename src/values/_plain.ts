/** What a value of type `object` is to the encoder; `other` are the rare types, and what cannot cross. */
export type ObjectKind = "array" | "object" | "bytes" | "date" | "other";

/**
 * Tells apart what crosses by its exact class. What another realm made (a `node:vm` context, as some test
 * runners use) counts like our own.
 */
export function kindOf(value: object): ObjectKind {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "object";
  // Object.create(Array.prototype) is no array.
  if (prototype === Array.prototype) return Array.isArray(value) ? "array" : "other";
  if (prototype === Uint8Array.prototype) return ArrayBuffer.isView(value) ? "bytes" : "other";
  if (prototype === Date.prototype) return isDate(value) ? "date" : "other";
  return foreignKindOf(value, prototype as object);
}

function foreignKindOf(value: object, prototype: object): ObjectKind {
  // Node's Buffer is how bytes come in most of its APIs: to refuse it would serve nobody. It arrives as a Uint8Array.
  if (value instanceof Uint8Array) return prototype.constructor?.name === "Buffer" ? "bytes" : "other";
  // Only the Array.prototype of a realm is itself an array.
  if (Array.isArray(value)) return Array.isArray(prototype) ? "array" : "other";
  if (isObjectPrototype(prototype)) return "object";
  return "other";
}

/** Tells whether this is the Object.prototype of some realm. */
export function isObjectPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "propertyIsEnumerable");
}

/** `Object.create(Date.prototype)` is no date, and only the brand check of a method of Date tells. */
export function isDate(value: object): value is Date {
  try {
    Date.prototype.getTime.call(value);
    return true;
  } catch {
    return false;
  }
}
