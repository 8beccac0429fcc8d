/** What a value is that stays with the plugin. */
export interface ReferenceText {
  readonly kind: "function" | "object" | "stream" | "writable" | "signal";
  /** Of an object: the names of its methods. */
  readonly methods?: readonly string[];
}

/** What a call gives that can be read item by item. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function";
}

/** What crossed by reference; `undefined` for data. */
export function referenceText(value: unknown): ReferenceText | undefined {
  if (typeof value === "function") return { kind: "function" };
  if (typeof value !== "object" || value === null) return undefined;
  if (isStream(value)) return { kind: "stream" };
  if (value instanceof WritableStream) return { kind: "writable" };
  if (value instanceof AbortSignal) return { kind: "signal" };
  // Data has no members whose names are symbols.
  return Symbol.dispose in value ? { kind: "object", methods: Object.keys(value) } : undefined;
}

/** The same for people: `[object with row, count]`. */
export function readableReference({ kind, methods }: ReferenceText): string {
  if (kind === "writable") return "[writable stream]";
  return methods === undefined ? `[${kind}]` : `[object with ${methods.join(", ") || "no methods"}]`;
}
