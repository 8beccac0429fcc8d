import type { Reader } from "./_reader.ts";

/** What a rare type needs of the decoder to read itself: the reader, and what holds other items. */
export interface Decoding extends Reader {
  /** Reads one item, whatever it is. */
  item(): unknown;
  /** Begins an array or map. @param start Where its item is. */
  enter(start: number): void;
  leave(): void;
  /** Counts what is to be made against `maxValues`. */
  take(cost: number): void;
  /** Says that an object is there, before what it holds is read: what it holds may be the object itself. */
  built(value: object): void;
  /** Reads what follows the tag of a reference. */
  reference(start: number): unknown;
  /** Reads what follows tag 28: an object that may be named. */
  shareable(start: number): unknown;
  /** Reads what follows tag 29: the name of one. */
  shared(start: number): unknown;
}
