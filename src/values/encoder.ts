import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Encoding } from "./_encoding.ts";
import { formatPath, type Key } from "./_path.ts";
import { kindOf } from "./_plain.ts";
import { encodeRare } from "./_rare.ts";
import { describeForeignValue, refusal, tooDeep, unreadable } from "./_refusal.ts";
import { Sharing, whatIsMetTwice } from "./_sharing.ts";
import { Writer } from "./_writer.ts";
import type { ReferenceSink } from "./references.ts";
import { Major, Tag } from "./tags.ts";

/** What an encoder is bound to; each as in ValueLimits and ValueOptions. */
export interface EncoderRules {
  readonly maxDepth: number;
  readonly maxMessageBytes: number;
  readonly maxValues: number;
  readonly shared: boolean;
  readonly stacks: boolean;
}

/**
 * Writes JavaScript values as CBOR, and refuses what would not arrive as it was. One pass: each value is checked
 * where it is written. Rare types are in `_rare.ts`. PROTOCOL.md §6.
 */
export class ValueEncoder implements Encoding {
  readonly #rules: EncoderRules;
  readonly #maxDepth: number;
  readonly out: Writer;
  readonly stacks: boolean;
  #depth = 0;
  /** What may still be sent, as the receiver counts it. */
  #left = 0;
  /** The way down to the value being written. Longer than `#depth` when an earlier one went deeper. */
  readonly #keys: Key[] = [];
  #root: unknown;
  #places: readonly string[] | undefined;
  #busy = false;
  #sink: ReferenceSink | undefined;
  #sharing: Sharing | undefined;
  /** Whether any object, whatever its kind, may cross in another way than by its kind. */
  #isWatching = false;
  /** What the sink throws is not for us to explain. */
  #isInSink = false;

  constructor(rules: EncoderRules) {
    this.#rules = rules;
    this.#maxDepth = rules.maxDepth;
    this.out = new Writer(rules.maxMessageBytes);
    this.stacks = rules.stacks;
  }

  encode(value: unknown, places?: readonly string[], sink?: ReferenceSink): Uint8Array {
    // A getter in a value may itself send something: that message must not land inside this one.
    if (this.#busy) return new ValueEncoder(this.#rules).encode(value, places, sink);
    this.out.begin();
    this.#depth = 0;
    this.#left = this.#rules.maxValues;
    this.#root = value;
    this.#places = places;
    this.#busy = true;
    this.#sink = sink;
    if (this.#rules.shared) this.#sharing = new Sharing();
    this.#isWatching = this.#rules.shared || sink?.marked !== undefined;
    let done = false;
    try {
      this.value(value);
      if (this.#sharing?.isAgain() === true) this.#again(value);
      if (sink !== undefined) this.#splice(sink);
      done = true;
      return this.out.finish();
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#busy = false;
      this.#root = undefined;
      this.#sink = undefined;
      this.#sharing = undefined;
      this.#isInSink = false;
      if (!done) {
        this.out.discard();
        this.#keys.length = 0;
      }
    }
  }

  value(value: unknown): void {
    if (typeof value === "string") return this.out.text(value);
    if (typeof value === "number") return this.out.number(value);
    if (typeof value === "object" && value !== null) return this.#object(value);
    if (value === undefined) this.out.simple(0xf7);
    else if (value === null) this.out.simple(0xf6);
    else if (value === true) this.out.simple(0xf5);
    else if (value === false) this.out.simple(0xf4);
    else if (typeof value === "bigint") this.out.bigint(value);
    else this.#foreign(value);
  }

  #object(value: object): void {
    if (this.#isWatching && this.#crossesOtherwise(value)) return;
    switch (kindOf(value)) {
      case "array":
        return this.#array(value as readonly unknown[]);
      case "object":
        return this.#map(value as Readonly<Record<string, unknown>>);
      case "bytes":
        return this.#byteString(value as Uint8Array);
      case "date":
        this.out.head(Major.tag, Tag.epochDate);
        return this.out.number((value as Date).getTime() / 1000);
      case "other":
        if (!encodeRare(this, value)) this.#foreign(value);
    }
  }

  #array(value: readonly unknown[]): void {
    const length = value.length;
    const depth = this.enter(length);
    this.out.head(Major.array, length);
    for (let i = 0; i < length; i++) {
      this.#keys[depth] = i;
      const element = value[i];
      if (element === undefined && !(i in value)) this.out.hole();
      else this.value(element);
    }
    this.#depth = depth;
  }

  #map(value: Readonly<Record<string, unknown>>): void {
    // structuredClone drops them in silence; here what does not arrive is refused.
    const symbols = Object.getOwnPropertySymbols(value);
    if (symbols.length > 0) return this.#foreign(value, `an object with the symbol ${String(symbols[0])} for a key`);
    const names = Object.keys(value);
    // Functions met later are not looked for: an object of functions has one where its first value is.
    if (this.#sink !== undefined && names.length > 0 && typeof value[names[0]!] === "function") {
      if (hasOnlyFunctions(value, names) && this.#byReference(value)) return;
    }
    const depth = this.enter(2 * names.length + 8);
    this.out.head(Major.map, names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      this.#keys[depth] = name;
      this.out.text(name);
      this.value(value[name]);
    }
    this.#depth = depth;
  }

  #byteString(value: Uint8Array): void {
    if (value.length === 0 && (value.buffer as ArrayBuffer).detached)
      this.refuse("bytes that were transferred to another owner");
    this.out.byteString(value);
  }

  enter(values: number): number {
    const depth = this.#depth;
    if (depth >= this.#maxDepth) throw tooDeep(this.#places, this.#root, this.#keys.slice(0, depth), this.#maxDepth);
    this.#left -= 8 + values;
    if (this.#left < 0) throw this.#tooManyValues();
    this.#depth = depth + 1;
    return depth;
  }

  step(depth: number, key: Key): void {
    this.#keys[depth] = key;
  }

  leave(depth: number): void {
    // Steps hold values, and keys outlive the message.
    this.#keys[depth] = null;
    this.#depth = depth;
  }

  refuse(what: string): never {
    throw refusal(this.#places, this.#keys.slice(0, this.#depth), what);
  }

  /** What is no data crosses by reference or not at all. */
  #foreign(value: unknown, what?: string): void {
    if (typeof value !== "symbol" && this.#byReference(value as object)) return;
    this.refuse(what ?? describeForeignValue(value));
  }

  #byReference(value: object): boolean {
    let index = this.#sharing?.referenceTo(value);
    if (index === undefined) {
      const depth = this.#depth;
      this.#isInSink = true;
      index = this.#sink?.add(value, () => formatPath(this.#places, this.#keys.slice(0, depth)));
      this.#isInSink = false;
      if (index === undefined) return false;
      this.#sharing?.keepReference(value, index);
    }
    this.out.head(Major.tag, Tag.reference);
    this.out.head(Major.unsigned, index);
    return true;
  }

  #crossesOtherwise(value: object): boolean {
    if (this.#sink?.marked?.has(value) === true && this.#byReference(value)) return true;
    return this.#sharing?.meet(value, this.out) === true;
  }

  /** Which objects are shared is known only after all were met, and the first of them is marked. */
  #again(value: unknown): void {
    this.out.discard();
    this.out.begin();
    this.#depth = 0;
    this.#left = this.#rules.maxValues;
    this.value(value);
  }

  /** Puts the list of the references where the message has null for it. */
  #splice(sink: ReferenceSink): void {
    this.#isInSink = true;
    const list = sink.list();
    this.#isInSink = false;
    if (list === undefined) return;
    this.#sink = undefined;
    this.#isWatching = false;
    this.#depth = 1;
    const length = this.out.length;
    this.value(list);
    this.out.moveBack(length, 1);
  }

  #tooManyValues(): PluginError {
    const most = this.#rules.maxValues;
    const text = `cannot send a message of more values than are taken (limits.maxValues, ${most}); send large data as bytes`;
    return new PluginError(ErrorCode.tooLarge, text);
  }

  #explained(error: unknown): unknown {
    if (this.#isInSink) return error;
    const keys = this.#keys.slice(0, this.#depth);
    if (!(error instanceof PluginError)) return unreadable(this.#places, keys, error);
    const twice = error.code === ErrorCode.tooLarge ? whatIsMetTwice(this.#root, this.#places) : undefined;
    return twice === undefined ? error : new PluginError(ErrorCode.tooLarge, `${error.message}; ${twice}`);
  }
}

function hasOnlyFunctions(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "function" || value[name] === undefined);
}
