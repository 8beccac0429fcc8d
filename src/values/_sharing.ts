import { formatPath, type Key } from "./_path.ts";
import type { Writer } from "./_writer.ts";
import { Major, Tag } from "./tags.ts";

/** What stands where an object is met again, until all were met. */
const placeholder = 0xf6;

/**
 * Remembers the objects of one message, so that each is written once. The first pass finds those that are met more
 * than once; only when there are any, a second one marks them and names them. PROTOCOL.md §6.6.
 */
export class Sharing {
  readonly #seen = new Set<object>();
  readonly #twice = new Set<object>();
  readonly #references = new Map<object, number>();
  /** The place of each marked object among them; made for the second pass. */
  #places: Map<object, number> | undefined;

  /** Meets an object that is about to be written. @returns Whether it has been, by a name for it. */
  meet(value: object, out: Writer): boolean {
    if (this.#references.has(value)) return false;
    if (this.#places === undefined) return this.#look(value, out);
    if (!this.#twice.has(value)) return false;
    const place = this.#places.get(value);
    if (place === undefined) {
      this.#places.set(value, this.#places.size);
      out.head(Major.tag, Tag.shareable);
      return false;
    }
    out.head(Major.tag, Tag.shared);
    out.head(Major.unsigned, place);
    return true;
  }

  #look(value: object, out: Writer): boolean {
    if (this.#seen.has(value)) {
      this.#twice.add(value);
      out.simple(placeholder);
      return true;
    }
    this.#seen.add(value);
    return false;
  }

  /** Ends the first pass. @returns Whether a second one is needed. */
  isAgain(): boolean {
    if (this.#twice.size === 0) return false;
    this.#places = new Map();
    return true;
  }

  /** The index of what has crossed by reference in this message; taken up once, it is counted once. */
  referenceTo(value: object): number | undefined {
    return this.#references.get(value);
  }

  keepReference(value: object, index: number): void {
    this.#references.set(value, index);
  }
}

/** Past this many objects nobody waits for a better message. */
const maxLooked = 10_000;

/**
 * Finds out why a message may have become too large: one object in many places.
 *
 * @returns What to say of it, or `undefined`.
 */
export function whatIsMetTwice(root: unknown, places: readonly string[] | undefined): string | undefined {
  try {
    return findTwice(root, places);
  } catch {
    // A getter that throws; the error that is to be explained says enough.
    return undefined;
  }
}

function findTwice(root: unknown, places: readonly string[] | undefined): string | undefined {
  const seen = new Map<object, readonly Key[]>();
  const left: { readonly value: unknown; readonly keys: readonly Key[] }[] = [{ value: root, keys: [] }];
  for (let i = 0; i < left.length && i < maxLooked; i++) {
    const { value, keys } = left[i]!;
    if (typeof value !== "object" || value === null) continue;
    const before = seen.get(value);
    if (before !== undefined) {
      const both = `${formatPath(places, before)} and ${formatPath(places, keys)}`;
      return `${both} are the same object, which crosses as often as it is met, but once with the option sharedStructure`;
    }
    seen.set(value, keys);
    if (left.length > maxLooked || ArrayBuffer.isView(value)) continue;
    // Not the keys of an array: of one without elements that is as long as can be, there are as many.
    const names = Array.isArray(value) ? indexesOf(value) : Object.keys(value);
    for (const key of names) left.push({ value: (value as Record<PropertyKey, unknown>)[key], keys: [...keys, key] });
  }
  return undefined;
}

function indexesOf(array: readonly unknown[]): readonly number[] {
  return Array.from({ length: Math.min(array.length, maxLooked) }, (_, i) => i);
}
