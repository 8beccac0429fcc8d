import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Decoding } from "./_decoding.ts";
import { Reader } from "./_reader.ts";
import { SharedObjects } from "./_shared_objects.ts";
import { decodeTagged, isShareable } from "./_tagged.ts";
import type { ReferenceSource } from "./references.ts";
import { Major } from "./tags.ts";

/**
 * Reads values out of bytes of which nothing is trusted: strict, in one pass, with no memory taken for a length
 * that the bytes do not bear out. What is tagged is in `_tagged.ts`. PROTOCOL.md §6.
 */
export class ValueDecoder extends Reader implements Decoding {
  readonly #maxDepth: number;
  readonly #maxBytes: number;
  readonly #maxValues: number;
  /** What may still be taken. */
  #left = 0;
  #depth = 0;
  /** Made when the first tag 28 of a message is met. */
  #objects: SharedObjects | undefined;
  #source: ReferenceSource | undefined;

  constructor(maxDepth: number, maxBytes: number, maxValues: number) {
    super();
    this.#maxValues = maxValues;
    this.#maxDepth = maxDepth;
    this.#maxBytes = maxBytes;
  }

  /** @param source Makes the value a message: an array whose first item lists its references. */
  decode(bytes: Uint8Array, source?: ReferenceSource): unknown {
    if (bytes.length > this.#maxBytes) {
      throw new PluginError(
        ErrorCode.tooLarge,
        `a message of ${bytes.length} bytes is refused: at most ${this.#maxBytes} are taken (maxMessageBytes)`,
      );
    }
    this.begin(bytes);
    this.#depth = 0;
    this.#left = this.#maxValues;
    try {
      const value = source === undefined ? this.item() : this.#message(source);
      const rest = bytes.length - this.at;
      if (rest > 0) this.fail(`${rest} bytes after the end of the value`);
      return value;
    } finally {
      this.end();
      this.#source = undefined;
      this.#objects = undefined;
    }
  }

  #message(source: ReferenceSource): unknown[] {
    const length = this.count(Major.array, 1, "no array that begins with its references");
    if (length === 0) this.fail("no array that begins with its references", 0);
    this.enter(0);
    this.take(8 + length);
    const message: unknown[] = [this.item()];
    source.begin(message[0]);
    // Only now: the list itself holds none.
    this.#source = source;
    for (let i = 1; i < length; i++) message.push(this.item());
    this.#depth--;
    return message;
  }

  item(): unknown {
    const first = this.next();
    const info = first & 0x1f;
    switch (first >> 5) {
      case Major.unsigned:
        return info < 24 ? info : this.integer(info, false);
      case Major.negative:
        return info < 24 ? -1 - info : this.integer(info, true);
      case Major.bytes:
        this.take(32);
        return this.view(this.length(info, 1)).slice();
      case Major.text:
        this.take(2);
        return this.text(this.length(info, 1));
      case Major.array:
        return this.#array(this.at - 1, this.length(info, 1));
      case Major.map:
        return this.#map(this.at - 1, this.length(info, 2));
      case Major.tag:
        this.take(32);
        return decodeTagged(this, this.at - 1, this.argument(info));
      default:
        return this.simple(info);
    }
  }

  #array(start: number, length: number): unknown[] {
    this.enter(start);
    this.take(8 + length);
    // Not made at its full length: nested arrays could each claim all the bytes that are left.
    const array: unknown[] = [];
    this.#objects?.built(array);
    for (let i = 0; i < length; i++) {
      if (this.isTag() && this.isHole()) array.length = i + 1;
      else array.push(this.item());
    }
    this.#depth--;
    return array;
  }

  #map(start: number, length: number): Record<string, unknown> {
    this.enter(start);
    this.take(16 + 2 * length);
    const object: Record<string, unknown> = {};
    this.#objects?.built(object);
    for (let i = 0; i < length; i++) {
      const at = this.at;
      const key = this.key();
      const value = this.item();
      if (!(key in object)) {
        object[key] = value;
        continue;
      }
      if (Object.hasOwn(object, key)) this.fail(`the key ${JSON.stringify(key)} for the second time`, at);
      // Assigning to an inherited name could run a setter (`__proto__`) or fail (a frozen prototype).
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    }
    this.#depth--;
    return object;
  }

  /** Memory and time follow the values, of which a byte can be one. */
  take(cost: number): void {
    this.#left -= cost;
    if (this.#left >= 0) return;
    const text = `a message of more values than are taken (limits.maxValues, ${this.#maxValues}); send large data as bytes`;
    throw new PluginError(ErrorCode.tooLarge, text);
  }

  enter(start: number): void {
    if (++this.#depth > this.#maxDepth) this.fail(`nesting deeper than ${this.#maxDepth} levels`, start);
  }

  leave(): void {
    this.#depth--;
  }

  built(object: object): void {
    this.#objects?.built(object);
  }

  reference(start: number): unknown {
    if (this.#source === undefined) this.fail("a reference where none can be", start);
    const index = this.nextMajor() === Major.unsigned ? this.item() : undefined;
    if (typeof index !== "number") this.fail("a reference without an index", start);
    return this.#source.at(index);
  }

  shareable(start: number): unknown {
    this.#objects ??= new SharedObjects();
    return this.#objects.mark(this, start, isShareable);
  }

  shared(start: number): unknown {
    this.#objects ??= new SharedObjects();
    return this.#objects.named(this, start);
  }
}
