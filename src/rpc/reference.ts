import { methodNames } from "../contract/mod.ts";
import { endedError } from "./_reference_errors.ts";
import { importedBehind } from "./imported.ts";

const marked: WeakSet<object> = new WeakSet();
let isAnyMarked = false;

/** Objects that were marked; `undefined` while none was. */
export function marks(): { has(value: object): boolean } | undefined {
  return isAnyMarked ? marked : undefined;
}

/**
 * Marks an object to cross by reference: the other side gets a proxy whose methods are calls of this one. Functions always
 * cross so, and so do plain objects made of nothing but functions.
 *
 * @param object Plain, or an instance of a class. All methods that it or its classes have may be called; what must not be is
 * `#private`.
 * @returns The same object.
 * @throws TypeError for something without methods.
 *
 * @example
 * ```ts
 * import { contract, inProcess, reference } from "@plugwire/plugwire";
 * class Counter {
 *   #count = 0;
 *   next(): number {
 *     return ++this.#count;
 *   }
 * }
 * const counters = contract<{ open(): Counter }>("counters");
 * await using plugin = await inProcess(counters.implement({ open: () => reference(new Counter()) }));
 * using counter = await plugin.dispense(counters).open();
 * console.log(await counter.next()); // 1
 * ```
 */
export function reference<T extends object>(object: T): T {
  if (typeof object === "function") return object;
  if (typeof object !== "object" || object === null) {
    throw new TypeError(`reference() takes an object, not ${object === null ? "null" : typeof object}`);
  }
  if (importedBehind(object) !== undefined) return object;
  if (methodNames(object).length === 0)
    throw new TypeError("reference() takes an object with methods; this one has none");
  marked.add(object);
  isAnyMarked = true;
  return object;
}

/**
 * Keeps a reference that came as an argument, beyond the end of the call: until it is disposed of, or the session is over. So does an
 * interceptor with one of an answer that passes through it.
 *
 * @param reference What the other side passed: a function, an object, a stream, a signal.
 * @returns The same reference. What belongs to this side, or is kept already, is given back as it is.
 * @throws PluginError `closed` when its call is over.
 *
 * @example
 * ```ts
 * import { contract, retain } from "@plugwire/plugwire";
 * const listeners = new Set<(line: string) => unknown>();
 * export const served = contract<{ listen(listener: (line: string) => void): void }>("lines").implement({
 *   listen(listener) {
 *     listeners.add(retain(listener));
 *   },
 * });
 * ```
 */
export function retain<T extends object>(reference: T): T {
  const imported = importedBehind(reference);
  if (imported === undefined) return reference;
  if (!imported.isUsable) throw endedError(imported, "the reference given to retain()");
  imported.own();
  imported.session.unclaimed.claimed(imported);
  return reference;
}
