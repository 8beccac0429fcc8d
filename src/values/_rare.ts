import { encodeArrayBuffer, encodeDataView, encodeTypedArray, typedArrays } from "./_binary.ts";
import { encodeMap, encodeSet } from "./_collections.ts";
import type { Encoding } from "./_encoding.ts";
import { encodeError, isError } from "./_errors.ts";
import { isDate, isObjectPrototype } from "./_plain.ts";
import { encodeRegexp, encodeUrl } from "./_texts.ts";
import { Major, Tag } from "./tags.ts";

/** Writes a value of one class; `false` when it is no true instance of it. */
type Write = (to: Encoding, value: object) => boolean;

const writes: Readonly<Record<string, Write>> = {
  Map: encodeMap,
  Set: encodeSet,
  RegExp: encodeRegexp,
  ArrayBuffer: encodeArrayBuffer,
  DataView: encodeDataView,
  Date: encodeForeignDate,
  ...Object.fromEntries(typedArrays.map((name) => [name, encodeTypedArray])),
};

const globals = globalThis as unknown as Readonly<Record<string, { readonly prototype: object } | undefined>>;
const byPrototype = new Map<object, Write>([[URL.prototype, encodeUrl]]);
for (const [name, write] of Object.entries(writes)) {
  // Not every runtime has every typed array.
  if (globals[name] !== undefined) byPrototype.set(globals[name].prototype, write);
}

/**
 * Writes what crosses by its class and is met seldom.
 *
 * @returns Whether it is anything of that kind.
 */
export function encodeRare(to: Encoding, value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object;
  const write = byPrototype.get(prototype) ?? writeOfRealm(prototype);
  if (write !== undefined) return write(to, value);
  if (!isError(value)) return false;
  encodeError(to, value);
  return true;
}

/** How the class of another realm is written. Its own name is not enough: a class of a user's may have the same. */
function writeOfRealm(prototype: object): Write | undefined {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof maker !== "function" || !Object.hasOwn(writes, maker.name)) return undefined;
  const parent = Object.getPrototypeOf(prototype) as object | null;
  if (parent === null) return undefined;
  if (isObjectPrototype(parent)) return writes[maker.name];
  const grandparent = Object.getPrototypeOf(parent) as object | null;
  const isTypedArray = grandparent !== null && isObjectPrototype(grandparent) && Object.hasOwn(parent, "subarray");
  return isTypedArray ? writes[maker.name] : undefined;
}

function encodeForeignDate(to: Encoding, value: object): boolean {
  if (!isDate(value)) return false;
  to.out.head(Major.tag, Tag.epochDate);
  to.out.number(Date.prototype.getTime.call(value) / 1000);
  return true;
}
