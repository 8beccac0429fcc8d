import type { Decoding } from "./_decoding.ts";
import { Major } from "./tags.ts";

const shareableMajors: ReadonlySet<number> = new Set([Major.bytes, Major.array, Major.map]);

/** The objects of one message that tag 28 has marked, for tag 29 to name. PROTOCOL.md §6.6. */
export class SharedObjects {
  /** `undefined` for one that nothing can name yet. */
  readonly #objects: unknown[] = [];
  /** The place of the object that is about to be read; -1 when it is not marked. */
  #marked = -1;

  /** Reads what follows tag 28. @param isShareable Tells whether an object comes of a tag. */
  mark(from: Decoding, start: number, isShareable: (tag: number | bigint) => boolean): unknown {
    const { at } = from;
    const major = from.nextMajor();
    const isOne = major === Major.tag ? isShareable(from.tag()) : shareableMajors.has(major);
    if (!isOne) from.fail("the mark of a shared object on what is none", start);
    from.at = at;
    const place = this.#objects.push(undefined) - 1;
    this.#marked = place;
    const object = from.item();
    this.#marked = -1;
    // What holds others has said so itself, before them.
    this.#objects[place] ??= object;
    return object;
  }

  /** Takes an object that may be marked, before what it holds is read. */
  built(object: object): void {
    if (this.#marked < 0) return;
    this.#objects[this.#marked] = object;
    this.#marked = -1;
  }

  /** Reads what follows tag 29. */
  named(from: Decoding, start: number): unknown {
    const place = from.nextMajor() === Major.unsigned ? from.item() : undefined;
    const object = typeof place === "number" ? this.#objects[place] : undefined;
    if (object === undefined) from.fail("the name of a shared object that is not there", start);
    return object;
  }
}
