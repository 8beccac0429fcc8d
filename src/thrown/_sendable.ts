import { PluginError } from "../errors/mod.ts";
import { isError, type ValueCodec } from "../values/mod.ts";
import { cut } from "./error_text.ts";

/** What is thrown crosses as it is up to this size; past it, or when it cannot, as what can of it. */
const maxThrownBytes = 65_536;
/** And so does one field of it. */
const maxFieldBytes = 16_384;
const maxCauses = 4;
const maxErrors = 50;

/**
 * What of something thrown can be sent: itself, or else a copy of an error without what cannot cross, or else a text about it.
 *
 * @param notes Takes what was left out, and why.
 */
export function sendable(thrown: unknown, codec: ValueCodec, notes: string[]): unknown {
  if (typeof thrown === "string") return cut(thrown);
  if (typeof thrown !== "object" || thrown === null || !isError(thrown)) {
    return refusalOf(thrown, codec, maxThrownBytes) === undefined ? thrown : cut(describe(thrown));
  }
  // Whether a call of another session ran says nothing of the one that this is the answer to.
  const isWhole = !(thrown instanceof PluginError) && refusalOf(thrown, codec, maxThrownBytes) === undefined;
  return isWhole ? thrown : copyOf(thrown, codec, notes, "", 0);
}

/** Why a value cannot be sent; `undefined` when it can. */
function refusalOf(value: unknown, codec: ValueCodec, maxBytes: number): string | undefined {
  try {
    const { length } = codec.encode(value);
    return length <= maxBytes ? undefined : `${length} bytes, at most ${maxBytes} are sent`;
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be read";
  }
}

function copyOf(error: Error, codec: ValueCodec, notes: string[], path: string, depth: number): Error {
  const copy = emptyCopy(error);
  hide(copy, "message", cut(error.message));
  if (Object.hasOwn(error, "name")) hide(copy, "name", cut(error.name));
  // Of it the codec sends what is to be sent.
  hide(copy, "stack", cut(error.stack ?? ""));
  const part = (key: string, value: unknown): { readonly value: unknown } | undefined => {
    const why = refusalOf(value, codec, maxFieldBytes);
    if (why === undefined) return { value };
    const isNested = typeof value === "object" && value !== null && isError(value) && depth < maxCauses;
    if (isNested) return { value: copyOf(value, codec, notes, `${path}${key}.`, depth + 1) };
    notes.push(`${path}${key}: ${why}`);
    return undefined;
  };
  if (Object.hasOwn(error, "cause")) {
    const cause = part("cause", error.cause);
    if (cause !== undefined) hide(copy, "cause", cause.value);
  }
  if (error instanceof AggregateError) {
    const errors = error.errors.slice(0, maxErrors).map((each: unknown, i) => part(`errors[${i}]`, each)?.value);
    hide(copy, "errors", errors);
  }
  for (const key of Object.keys(error)) {
    if (["message", "name", "stack", "cause", "errors"].includes(key)) continue;
    if (key === "execution" && error instanceof PluginError) continue;
    const field = part(key, (error as unknown as Readonly<Record<string, unknown>>)[key]);
    if (field !== undefined) {
      Object.defineProperty(copy, key, { ...field, enumerable: true, configurable: true, writable: true });
    }
  }
  return copy;
}

/** An error of the same class with nothing in it. */
export function emptyCopy(error: Error): Error {
  // Its name is no property of its own, and follows from how it is made.
  if (error instanceof DOMException) return new DOMException("", error.name);
  // One of another realm would not be known for an error by its class.
  return error instanceof Error ? (Object.create(Object.getPrototypeOf(error)) as Error) : new Error();
}

/** Sets what the classes of errors have as properties that are not enumerable. */
export function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle, or a toJSON that throws.
    return String(value);
  }
}
