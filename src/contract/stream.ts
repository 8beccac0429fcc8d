import { isSchema, notASchema } from "./method.ts";
import { refused, shapeSchema } from "./shape.ts";
import type { InferInput, InferOutput, SchemaResult, StandardSchema } from "./standard_schema.ts";

/**
 * Schema of a stream of values: a `ReadableStream`, or anything that can be iterated asynchronously, such as what an async
 * generator gives. Each item is checked where it arrives.
 *
 * @param item Schema of one item.
 * @throws TypeError for something that is no Standard Schema.
 *
 * @example
 * ```ts
 * import { contract, method, stream } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const files = contract("files", { lines: method([v.string()], stream(v.string())) });
 * export const served = files.implement({
 *   async *lines(text) {
 *     yield* text.split("\n");
 *   },
 * });
 * ```
 */
export function stream<S extends StandardSchema>(
  item: S,
): StandardSchema<AsyncIterable<InferInput<S>> | ReadableStream<InferInput<S>>, AsyncIterable<InferOutput<S>>> {
  if (!isSchema(item)) throw new TypeError(`the schema of the items given to stream() ${notASchema}`);
  return shapeSchema({ kind: "stream", item }, (value) => checkStream("a stream", value));
}

/**
 * Schema of a stream of bytes, which cross raw: neither encoded nor checked one by one. Anything that can be iterated asynchronously
 * may be given, such as a file's stream of Node; a `ReadableStream` arrives.
 *
 * @example
 * ```ts
 * import { bytes, contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const digests = contract("digests", { sha256: method([bytes()], v.string()) });
 * ```
 */
export function bytes(): StandardSchema<
  AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  ReadableStream<Uint8Array>
> {
  return shapeSchema({ kind: "bytes" }, (value) => checkStream("a stream of bytes", value));
}

function checkStream(expected: string, value: unknown): SchemaResult<unknown> {
  // A stream can be iterated on all three runtimes.
  const iterate = (value as { readonly [Symbol.asyncIterator]?: unknown } | undefined | null)?.[Symbol.asyncIterator];
  if (typeof iterate === "function") return { value };
  if (typeof value === "string" && expected === "a stream") return refused(expected, value);
  return refused(expected, value, wayOut(value));
}

/** What makes a stream of it; `undefined` where nothing does. */
function wayOut(value: unknown): string | undefined {
  const isBytes = typeof value === "string" || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
  if (isBytes) return "new Blob([it]).stream() makes one";
  const isIterable = typeof value === "object" && value !== null && Symbol.iterator in value;
  return isIterable ? "ReadableStream.from(it) makes one, or an async function* that yields them" : undefined;
}
