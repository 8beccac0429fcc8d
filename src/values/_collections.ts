import { getterOf, isTaken } from "./_brand.ts";
import type { Decoding } from "./_decoding.ts";
import type { Encoding } from "./_encoding.ts";
import { refuseOwnProperties } from "./_own_properties.ts";
import type { Step } from "./_path.ts";
import { Major, Tag } from "./tags.ts";

const sizeOfMap = getterOf(Map.prototype, "size");
const sizeOfSet = getterOf(Set.prototype, "size");
const entriesOfMap = Map.prototype.entries;
const valuesOfSet = Set.prototype.values;

/** The entry of a Map or the element of a Set that is being written; one for all of them. */
class EntryStep implements Step {
  value: unknown;
  #key: unknown;
  #how: "get" | "keys" | "values" = "get";
  #index = 0;

  to(how: "get" | "keys" | "values", index: number, key: unknown, value: unknown): void {
    this.#how = how;
    this.#index = index;
    this.#key = key;
    this.value = value;
  }

  get written(): string {
    const key = this.#key;
    const isShown = typeof key === "string" || typeof key === "number";
    if (this.#how === "get" && isShown) return `.get(${JSON.stringify(key)})`;
    return `.${this.#how === "keys" ? "keys" : "values"}()[${this.#index}]`;
  }
}

/** A Map: tag 259 on a map with keys of any kind. */
export function encodeMap(to: Encoding, value: object): boolean {
  if (!isTaken(sizeOfMap, value)) return false;
  refuseOwnProperties(to, value, "a Map");
  // Taken at once: a getter in a value might change the Map while it is written.
  const entries = [...entriesOfMap.call(value as Map<unknown, unknown>)];
  to.out.head(Major.tag, Tag.map);
  const depth = to.enter(4 * entries.length);
  to.out.head(Major.map, entries.length);
  const step = new EntryStep();
  to.step(depth, step);
  for (let i = 0; i < entries.length; i++) {
    const [key, element] = entries[i]!;
    step.to("keys", i, key, key);
    to.value(key);
    step.to("get", i, key, element);
    to.value(element);
  }
  to.leave(depth);
  return true;
}

/** Reads what follows tag 259. */
export function decodeMap(from: Decoding, start: number): Map<unknown, unknown> {
  const size = from.count(Major.map, 2, "a Map that is no map");
  from.enter(start);
  from.take(8 + 4 * size);
  const map = new Map<unknown, unknown>();
  from.built(map);
  for (let i = 0; i < size; i++) {
    const at = from.at;
    const key = from.item();
    if (map.has(key)) from.fail("a key of a Map for the second time", at);
    map.set(key, from.item());
  }
  from.leave();
  return map;
}

/** A Set: tag 258 on an array. */
export function encodeSet(to: Encoding, value: object): boolean {
  if (!isTaken(sizeOfSet, value)) return false;
  refuseOwnProperties(to, value, "a Set");
  const elements = [...valuesOfSet.call(value as Set<unknown>)];
  to.out.head(Major.tag, Tag.set);
  const depth = to.enter(3 * elements.length);
  to.out.head(Major.array, elements.length);
  const step = new EntryStep();
  to.step(depth, step);
  for (let i = 0; i < elements.length; i++) {
    step.to("values", i, undefined, elements[i]);
    to.value(elements[i]);
  }
  to.leave(depth);
  return true;
}

/** Reads what follows tag 258. */
export function decodeSet(from: Decoding, start: number): Set<unknown> {
  const size = from.count(Major.array, 1, "a Set that is no array");
  from.enter(start);
  from.take(8 + 3 * size);
  const set = new Set<unknown>();
  from.built(set);
  for (let i = 0; i < size; i++) {
    const at = from.at;
    const element = from.item();
    if (set.has(element)) from.fail("an element of a Set for the second time", at);
    set.add(element);
  }
  from.leave();
  return set;
}
