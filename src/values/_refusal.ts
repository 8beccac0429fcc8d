import { ErrorCode, PluginError } from "../errors/mod.ts";
import { formatPath } from "./_path.ts";

/** Makes the error for a value that cannot cross. `what` completes "it is …". */
export function refusal(
  places: readonly string[] | undefined,
  keys: readonly (string | number)[],
  what: string,
): PluginError {
  const path = formatPath(places, keys);
  return new PluginError(ErrorCode.unsupportedValue, `cannot send ${path}: it is ${what}`, { path });
}

/** Says in plain words what a value is that is no plain data. */
export function describeForeignValue(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "a function" : `a function (${value.name})`;
  if (typeof value === "symbol") return `a symbol (${String(value)})`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const name = className(value);
  if (name === undefined) return "an object with a prototype of its own; send a plain object with its data";
  return `an instance of ${name}; send a plain object with its data`;
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
  keys: readonly (string | number)[],
  maxDepth: number,
): PluginError {
  const seen = new Map<unknown, number>();
  let at: unknown = root;
  for (let i = 0; i <= keys.length; i++) {
    const before = seen.get(at);
    if (before !== undefined) {
      const outer = formatPath(places, keys.slice(0, before));
      return refusal(places, keys.slice(0, i), `the same object as ${outer}, which contains it; a cycle cannot cross`);
    }
    seen.set(at, i);
    if (typeof at !== "object" || at === null || i === keys.length) break;
    at = (at as Record<PropertyKey, unknown>)[keys[i]!];
  }
  return refusal(places, keys, `nested deeper than ${maxDepth} levels`);
}
