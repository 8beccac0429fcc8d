const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A step into what has no indexes and no properties, as a Map. */
export interface Step {
  /** As it is written in a path: `.get("a")`. */
  readonly written: string;
  /** Where it leads. */
  readonly value: unknown;
}

/** One step of the way down from a message to a value; `null` leads nowhere and is not written. */
export type Key = string | number | Step | null;

/**
 * Writes where in a message a value stands, as one would write it in JavaScript: `args[0].options.filter`.
 *
 * @param places Names of the places of a message that is an array; without them the value has no name but `value`.
 * @param keys The way down from the message.
 */
export function formatPath(places: readonly string[] | undefined, keys: readonly Key[]): string {
  const first = keys[0];
  const place = typeof first === "number" ? places?.[first] : undefined;
  let path = place ?? "value";
  for (let i = place === undefined ? 0 : 1; i < keys.length; i++) {
    const key = keys[i]!;
    if (key !== null) path += typeof key === "object" ? key.written : formatKey(key);
  }
  return path;
}

/** One step of a path: `[0]`, `.name` or `["no name"]`. */
export function formatKey(key: PropertyKey): string {
  if (typeof key === "number") return `[${key}]`;
  if (typeof key === "symbol") return `[${String(key)}]`;
  return identifier.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
