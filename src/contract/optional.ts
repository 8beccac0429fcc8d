import { isSchema, notASchema } from "./method.ts";
import { optionalSchema } from "./shape.ts";
import type { InferInput, InferOutput, StandardSchema } from "./standard_schema.ts";

/**
 * Makes an argument or result optional whose schema is none of a library's: a `callback()`, `stream()`, `bytes()` or
 * `referenceTo()`. It does for any other schema too.
 *
 * @param schema What the value is checked by unless it is `undefined`.
 * @throws TypeError for something that is no Standard Schema.
 *
 * @example
 * ```ts
 * import { callback, contract, method, optional } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const files = contract("files", { copy: method([v.string(), v.string(), optional(callback([v.number()]))]) });
 * ```
 */
export function optional<S extends StandardSchema>(
  schema: S,
): StandardSchema<InferInput<S> | undefined, InferOutput<S> | undefined> {
  if (!isSchema(schema)) throw new TypeError(`the schema given to optional() ${notASchema}`);
  return optionalSchema(schema, (value) => (value === undefined ? { value } : schema["~standard"].validate(value)));
}
