import { bigintOfBytes } from "./_bigint.ts";
import { decodeBuffer, decodeTypedArray, isTypedArrayTag } from "./_binary.ts";
import { decodeMap, decodeSet } from "./_collections.ts";
import { dateOfSeconds } from "./_date.ts";
import type { Decoding } from "./_decoding.ts";
import { decodeError } from "./_errors.ts";
import { decodeRegexp, decodeUrl, regexpOf } from "./_texts.ts";
import { Major, Tag } from "./tags.ts";

/** Reads what follows a tag. Each takes one kind of item, so that tags cannot be stacked. @param start Where the tag is. */
export function decodeTagged(from: Decoding, start: number, tag: number | bigint): unknown {
  switch (tag) {
    case Tag.epochDate:
      return decodeDate(from, start);
    case Tag.bigint:
      return decodeBigint(from, start, false);
    case Tag.negativeBigint:
      return decodeBigint(from, start, true);
    case Tag.map:
      return decodeMap(from, start);
    case Tag.set:
      return decodeSet(from, start);
    case Tag.object:
      return decodeObject(from, start);
    case Tag.uri:
      return decodeUrl(from, start);
    case Tag.regexp:
      return decodeRegexp(from, start);
    case Tag.wtf8:
      return from.wtf8(start);
    case Tag.reference:
      return from.reference(start);
    case Tag.shareable:
      return from.shareable(start);
    case Tag.shared:
      return from.shared(start);
    case Tag.hole:
      return from.fail("a hole outside of an array", start);
    default: {
      const array = typeof tag === "number" ? decodeTypedArray(from, start, tag) : undefined;
      return array ?? from.fail(`tag ${tag}, which has no meaning here`, start);
    }
  }
}

/** Tells whether an object comes of this tag that tag 28 may mark. */
export function isShareable(tag: number | bigint): boolean {
  return typeof tag === "number" && (shareableTags.has(tag) || isTypedArrayTag(tag));
}

const shareableTags: ReadonlySet<number> = new Set([Tag.epochDate, Tag.object, Tag.uri, Tag.set, Tag.map, Tag.regexp]);

function decodeDate(from: Decoding, start: number): Date {
  const major = from.nextMajor();
  const isNumber = major === Major.unsigned || major === Major.negative || major === Major.simple;
  const seconds = isNumber || major < 0 ? from.item() : null;
  if (typeof seconds !== "number") from.fail("a date that is not a number of seconds", start);
  const date = dateOfSeconds(seconds);
  if (date === undefined) from.fail("a date beyond what Date holds", start);
  return date;
}

function decodeBigint(from: Decoding, start: number, isNegative: boolean): bigint {
  const bytes = from.view(from.count(Major.bytes, 1, "a bigint that is not a byte string"));
  try {
    const value = bigintOfBytes(bytes);
    return isNegative ? -1n - value : value;
  } catch {
    from.fail(`a bigint of ${bytes.length} bytes, more than this runtime holds`, start);
  }
}

/** Tag 27: the name of a class, and what an instance is made from. */
function decodeObject(from: Decoding, start: number): object {
  const items = from.count(Major.array, 1, "an object that is no array") - 1;
  if (items < 0) from.fail("an object without the name of its class", start);
  from.enter(start);
  const className = from.string("an object without the name of its class");
  const object = objectOf(from, start, className, items);
  from.leave();
  return object;
}

function objectOf(from: Decoding, start: number, className: string, items: number): object {
  switch (className) {
    case "ArrayBuffer":
    case "DataView": {
      if (items !== 1) from.fail(`a ${className} that is not made of bytes`, start);
      const buffer = decodeBuffer(from, `a ${className}`);
      return className === "DataView" ? new DataView(buffer) : buffer;
    }
    case "RegExp": {
      if (items !== 3) from.fail("a RegExp that is not made of source, flags and place", start);
      const regexp = regexpOf(from, start, true);
      const at = from.nextMajor() === Major.unsigned ? from.item() : undefined;
      if (typeof at !== "number") from.fail("a RegExp whose place is no whole number", start);
      regexp.lastIndex = at;
      return regexp;
    }
    default:
      return decodeError(from, start, className, items);
  }
}
