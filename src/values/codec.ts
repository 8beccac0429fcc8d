import { ValueDecoder } from "./decoder.ts";
import { ValueEncoder } from "./encoder.ts";
import type { ReferenceSink, ReferenceSource } from "./references.ts";

/** The limits of {@linkcode ValueCodec}. */
export interface ValueLimits {
  /** Deepest nesting of arrays and objects in a message, its own envelope included. 1 to 1,000. */
  readonly maxDepth: number;
  /** Largest message in bytes, either way. */
  readonly maxMessageBytes: number;
  /** What a message may take to decode, either way. PROTOCOL.md §9 says how it is counted. Default 33,554,432. */
  readonly maxValues?: number;
}

/** How a {@linkcode ValueCodec} sends what can be sent in two ways. */
export interface ValueOptions {
  /**
   * Whether an object that is met more than once arrives as one, cycles too. Default false: it crosses as often as it
   * is met, and a cycle is refused. What arrives is understood either way.
   */
  readonly shared?: boolean;
  /** Whether the stacks of errors are sent. They show paths and code of this side. Default false. */
  readonly stacks?: boolean;
}

/** Past this the recursion could meet the end of the stack before its own limit. */
const deepest = 1_000;

/**
 * Turns values into messages and back, so that what arrives is what was sent. What cannot arrive so is refused.
 *
 * Crossing: `undefined`, `null`, booleans, every number (`-0` and `NaN` too), bigints of any size, strings (lone
 * surrogates too), `Date` (invalid too), `URL`, `RegExp`, `Map` and `Set`, every typed array (a `Buffer` arrives as a
 * `Uint8Array`), `ArrayBuffer` and `DataView`, errors, arrays with their holes, and plain objects (a prototype of
 * `Object.prototype` or `null`; they arrive with the first). Of arrays and typed arrays the elements cross, of objects
 * the own enumerable properties, getters by what they give. Errors arrive as the nearest class of the language, with
 * message, name, cause and own enumerable properties.
 *
 * PROTOCOL.md §6.
 *
 * @example
 * ```ts
 * const codec = new ValueCodec({ maxDepth: 100, maxMessageBytes: 1 << 20 });
 * codec.decode(codec.encode({ when: new Date(0), size: 10n ** 30n, zero: -0 }));
 * ```
 */
export class ValueCodec {
  readonly #encoder: ValueEncoder;
  readonly #decoder: ValueDecoder;

  /**
   * @param limits Taken once; later changes have no effect.
   * @param options Taken once, too.
   * @throws RangeError for a limit out of range.
   */
  constructor(limits: ValueLimits, options: ValueOptions = {}) {
    const { maxDepth, maxMessageBytes, maxValues = 33_554_432 } = limits;
    if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > deepest) {
      throw new RangeError(`maxDepth must be a whole number from 1 to ${deepest}, not ${maxDepth}`);
    }
    if (!Number.isSafeInteger(maxMessageBytes) || maxMessageBytes < 1) {
      throw new RangeError(`maxMessageBytes must be a whole number from 1, not ${maxMessageBytes}`);
    }
    const { shared = false, stacks = false } = options;
    this.#encoder = new ValueEncoder({ maxDepth, maxMessageBytes, maxValues, shared, stacks });
    this.#decoder = new ValueDecoder(maxDepth, maxMessageBytes, maxValues);
  }

  /**
   * Encodes one value.
   *
   * @param value What is to cross.
   * @param places For a message that is an array: what its places are called in errors. With
   * `["references", "target", "method", "args"]` a function in the first argument is at `args[0].options.filter`.
   * @returns The message: a view that is never written to again, of a buffer that other messages may share.
   * @throws PluginError `unsupported_value` with the path of what cannot cross; `too_large`.
   */
  encode(value: unknown, places?: readonly string[]): Uint8Array {
    return this.#encoder.encode(value, places);
  }

  /**
   * Decodes one value from bytes that need not be trusted.
   *
   * @param bytes Exactly one message. Nothing of the result refers to them.
   * @throws PluginError `bad_message` with the offset of the first fault; `too_large`.
   */
  decode(bytes: Uint8Array): unknown {
    return this.#decoder.decode(bytes);
  }

  /**
   * Encodes a message that may hold references: an array whose first item is `null`, where their list is put.
   *
   * @param places What the places of the message are called in errors, as for {@linkcode encode}.
   * @param sink Takes up what crosses by reference.
   * @throws TypeError when the message begins with anything else.
   * @throws PluginError as {@linkcode encode} does; what `sink` throws. Whoever counts references takes them back then.
   */
  encodeMessage(message: readonly unknown[], places: readonly string[] | undefined, sink: ReferenceSink): Uint8Array {
    if (message[0] !== null) throw new TypeError("a message with references begins with null");
    return this.#encoder.encode(message, places, sink);
  }

  /**
   * Decodes what {@linkcode encodeMessage} encoded, from bytes that need not be trusted.
   *
   * @param source Given the message's first item before the rest is decoded, then asked for each reference.
   * @throws PluginError as {@linkcode decode} does; `bad_message` for anything but an array with an item; what `source`
   * throws.
   */
  decodeMessage(bytes: Uint8Array, source: ReferenceSource): unknown[] {
    return this.#decoder.decode(bytes, source) as unknown[];
  }
}
