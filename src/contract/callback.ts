import {
  type CallbackSchema,
  type InputOf,
  type Inputs,
  type MethodOptions,
  method,
  type OutputOf,
  type Outputs,
} from "./method.ts";
import { refused, shapeSchema } from "./shape.ts";
import type { StandardSchema } from "./standard_schema.ts";

/**
 * Schema of a function, which crosses by reference: whoever gets it calls back. Each call is checked as a method's is, on
 * the side that receives.
 *
 * What arrives gives a promise, which has to be awaited. TypeScript says so where a `boolean` is asked for, but not where any value
 * will do: `names.filter(want)` keeps all names, as a promise is true, and passes index and array to the other side.
 * A loop with `if (await want(name))` it is.
 *
 * What a method gives by it can be called before it is there: `plugin.dispense(counters).adder(2)(3)`.
 *
 * @param args Schemas of the arguments that it is called with, in order. Default: none.
 * @param returns Schema of what it gives. Default: it gives nothing.
 * @param options As for `method()`.
 * @throws TypeError for something that is no Standard Schema.
 *
 * @example
 * ```ts
 * import { callback, contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const files = contract("files", {
 *   copy: method([v.string(), v.string(), callback([v.number()])]),
 *   pick: method([v.array(v.string()), callback([v.string()], v.boolean())], v.optional(v.string())),
 * });
 * ```
 */
export function callback<
  const A extends readonly StandardSchema[] = [],
  R extends StandardSchema | undefined = undefined,
>(
  args?: A,
  returns?: R,
  options?: MethodOptions,
): CallbackSchema<(...args: Outputs<A>) => InputOf<R>, (...args: Inputs<A>) => OutputOf<R>> {
  const shape = { kind: "callback", method: method(args, returns, options) } as const;
  const schema = shapeSchema(shape, (value) =>
    typeof value === "function" ? { value } : refused("a function", value),
  );
  return schema as never;
}
