import { ErrorCode, PluginError } from "../errors/mod.ts";
import { formatPath, type Key } from "./_path.ts";

/** What the user can do instead, by the name of the class. */
const ways: Readonly<Record<string, string>> = {
  Promise: "await it before it is sent",
  WeakMap: "what it holds cannot be listed; send a Map",
  WeakSet: "what it holds cannot be listed; send a Set",
  WeakRef: "send what it refers to",
  SharedArrayBuffer: "processes share no memory; send a copy of its bytes, as a Uint8Array",
  Number: "send the number itself",
  String: "send the string itself",
  Boolean: "send true or false itself",
  BigInt: "send the bigint itself",
  Symbol: "symbols do not cross",
};

/** Makes the error for a value that cannot cross. `what` completes "it is …". */
export function refusal(
  places: readonly string[] | undefined,
  keys: readonly Key[],
  what: string,
  cause?: unknown,
): PluginError {
  const path = formatPath(places, keys);
  return new PluginError(ErrorCode.unsupportedValue, `cannot send ${path}: it is ${what}`, {
    path,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Says in plain words what a value is that is no data, and what can be done about it. */
export function describeForeignValue(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "a function" : `a function (${value.name})`;
  if (typeof value === "symbol") return `a symbol (${String(value)})`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  if (isIterator(value)) {
    return "an iterator; send [...it], or as a stream what ReadableStream.from(it) or an async function* gives";
  }
  const name = className(value);
  const what = name === undefined ? "an object with a prototype of its own" : `an instance of ${name}`;
  const way = name !== undefined && Object.hasOwn(ways, name) ? ways[name] : undefined;
  return `${what}; ${way ?? wayByKind(value) ?? "pass it by reference with reference(), or send a plain object with its data"}`;
}

/** What can be done about a kind of something that crosses. */
function wayByKind(value: object): string | undefined {
  if (value instanceof Map) return "send new Map(it)";
  if (value instanceof Set) return "send new Set(it)";
  return Array.isArray(value) ? "send [...it]" : undefined;
}

/** Such as a generator, or what `values()` of a Map gives. */
function isIterator(value: object): boolean {
  return Symbol.iterator in value && typeof (value as Partial<Iterator<unknown>>).next === "function";
}

function className(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return undefined;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof maker !== "function" || maker.name === "") return undefined;
  return maker.name;
}

/**
 * Why a value is nested too deeply: most often because it contains itself.
 *
 * @param root What was to be sent. @param keys The way down to where the limit was met.
 */
export function tooDeep(
  places: readonly string[] | undefined,
  root: unknown,
  keys: readonly Key[],
  maxDepth: number,
): PluginError {
  const seen = new Map<unknown, number>();
  let at: unknown = root;
  for (let i = 0; i <= keys.length; i++) {
    const key = keys[i];
    if (key === null) continue;
    const before = seen.get(at);
    if (before !== undefined) {
      const outer = formatPath(places, keys.slice(0, before));
      const what = `the same object as ${outer}, which contains it; a cycle crosses only with the option sharedStructure`;
      return refusal(places, keys.slice(0, i), what);
    }
    seen.set(at, i);
    if (typeof at !== "object" || at === null || key === undefined) break;
    at = typeof key === "object" ? key.value : (at as Record<PropertyKey, unknown>)[key];
  }
  return refusal(places, keys, `nested deeper than ${maxDepth} levels (maxDepth)`);
}

/** The error for a value that could not be read: a getter or a trap threw. */
export function unreadable(places: readonly string[] | undefined, keys: readonly Key[], cause: unknown): PluginError {
  return refusal(places, keys, `something that cannot be read: ${textOf(cause)}`, cause);
}

/** What was thrown, in one line, whatever it is. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    // An object whose toString throws, too.
    return "what it threw cannot be shown";
  }
}
