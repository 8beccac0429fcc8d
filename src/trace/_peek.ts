import { Major } from "../values/tags.ts";

/** Texts longer than this are no names. */
const maxNameBytes = 1_024;

/**
 * Looks into a value in CBOR for the few things that have names, and passes over the rest without making anything of it. Whatever
 * cannot be read is `undefined`, and so is all after it: what looks on judges nothing. PROTOCOL.md §6.
 */
export class Peek {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Items of an array. */
  array(): number | undefined {
    return this.#sized(Major.array);
  }

  /** Pairs of a map. */
  map(): number | undefined {
    return this.#sized(Major.map);
  }

  /** A whole number, negative ones too. */
  integer(): number | undefined {
    const head = this.#head();
    if (head?.major === Major.unsigned) return head.argument;
    if (head?.major === Major.negative) return -1 - head.argument;
    return this.#lose();
  }

  /** A text that may be a name. */
  text(): string | undefined {
    const length = this.#sized(Major.text);
    if (length === undefined || length > maxNameBytes || this.#at + length > this.#bytes.length) return this.#lose();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return new TextDecoder().decode(bytes);
  }

  /** Passes over one item, with all that is in it. Gives `true` when there was one. */
  skip(): true | undefined {
    for (let pending = 1; pending > 0; pending--) {
      const head = this.#head();
      if (head === undefined) return this.#lose();
      const { major, argument } = head;
      if (major === Major.bytes || major === Major.text) this.#at += argument;
      else if (major === Major.array) pending += argument;
      else if (major === Major.map) pending += 2 * argument;
      else if (major === Major.tag) pending += 1;
      if (this.#at > this.#bytes.length) return this.#lose();
    }
    return true;
  }

  /** Reads a map up to one of its keys; what follows then is its value. */
  key(wanted: string): true | undefined {
    const pairs = this.map() ?? 0;
    for (let pair = 0; pair < pairs; pair++) {
      const key = this.text();
      if (key === wanted) return true;
      if (key === undefined || this.skip() === undefined) break;
    }
    return this.#lose();
  }

  #sized(major: number): number | undefined {
    const head = this.#head();
    return head?.major === major ? head.argument : this.#lose();
  }

  #head(): { readonly major: number; readonly argument: number } | undefined {
    const first = this.#bytes[this.#at];
    if (first === undefined) return undefined;
    this.#at++;
    const major = first >> 5;
    const info = first & 0x1f;
    if (info < 24) return { major, argument: info };
    const size = 1 << (info - 24);
    if (info > 27 || this.#at + size > this.#bytes.length) return this.#lose();
    let argument = 0;
    for (let i = 0; i < size; i++) argument = argument * 256 + this.#bytes[this.#at++]!;
    return { major, argument };
  }

  #lose(): undefined {
    this.#at = this.#bytes.length;
    return undefined;
  }
}
