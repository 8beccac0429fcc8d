import { getterOf, isTaken } from "./_brand.ts";
import type { Decoding } from "./_decoding.ts";
import type { Encoding } from "./_encoding.ts";
import { refuseOwnProperties } from "./_own_properties.ts";
import { Major, Tag } from "./tags.ts";

const hrefOf = getterOf(URL.prototype, "href");
const sourceOf = getterOf(RegExp.prototype, "source");
const flagsOf = getterOf(RegExp.prototype, "flags");

/** A URL: tag 32 on its text. */
export function encodeUrl(to: Encoding, value: object): boolean {
  if (!isTaken(hrefOf, value)) return false;
  refuseOwnProperties(to, value, "a URL");
  to.out.head(Major.tag, Tag.uri);
  to.out.text(hrefOf.call(value) as string);
  return true;
}

/** Reads what follows tag 32. */
export function decodeUrl(from: Decoding, start: number): URL {
  from.take(64);
  const text = from.string("a URL that is no text");
  try {
    return new URL(text);
  } catch {
    from.fail("a URL that is none", start);
  }
}

/** A RegExp: tag 21066 on source and flags; in the midst of a search the object "RegExp", with its place too. */
export function encodeRegexp(to: Encoding, value: object): boolean {
  if (!isTaken(sourceOf, value)) return false;
  refuseOwnProperties(to, value, "a RegExp");
  const { lastIndex } = value as RegExp;
  if (!Number.isSafeInteger(lastIndex) || lastIndex < 0) to.refuse(`a RegExp with ${String(lastIndex)} for lastIndex`);
  const flags = flagsOf.call(value) as string;
  to.out.head(Major.tag, lastIndex === 0 ? Tag.regexp : Tag.object);
  const depth = to.enter(4);
  if (lastIndex === 0) to.out.head(Major.array, flags === "" ? 1 : 2);
  else {
    to.out.head(Major.array, 4);
    to.out.text("RegExp");
  }
  to.out.text(sourceOf.call(value) as string);
  if (flags !== "" || lastIndex !== 0) to.out.text(flags);
  if (lastIndex !== 0) to.out.number(lastIndex);
  to.leave(depth);
  return true;
}

/** Reads what follows tag 21066. */
export function decodeRegexp(from: Decoding, start: number): RegExp {
  const parts = from.count(Major.array, 1, "a RegExp that is no array");
  if (parts !== 1 && parts !== 2) from.fail("a RegExp that is not made of source and flags", start);
  from.enter(start);
  const regexp = regexpOf(from, start, parts === 2);
  from.leave();
  return regexp;
}

/** Reads source and flags; which are valid only the runtime knows. */
export function regexpOf(from: Decoding, start: number, hasFlags: boolean): RegExp {
  from.take(64);
  const source = from.string("a RegExp whose source is no text");
  const flags = hasFlags ? from.string("a RegExp whose flags are no text") : "";
  try {
    return new RegExp(source, flags);
  } catch {
    from.fail("a RegExp that this runtime does not take", start);
  }
}
