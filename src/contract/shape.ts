import type { ContractFacts } from "./contract.ts";
import type { Method } from "./method.ts";
import type { SchemaResult, StandardSchema } from "./standard_schema.ts";

/** What is no data but has a schema of its own: what `rpc/` does with a value at this place. */
export type Shape =
  | { readonly kind: "callback"; readonly method: Method }
  | { readonly kind: "stream"; readonly item: StandardSchema }
  | { readonly kind: "bytes" }
  | { readonly kind: "reference"; readonly contract: ContractFacts };

// Registered, so that a shape of another copy of the package is one here too.
const shapes: unique symbol = Symbol.for("plugwire.shape") as never;

/** The shape that a schema stands for, through `optional()` too; `undefined` for a schema of data. */
export function shapeOf(schema: StandardSchema | undefined): Shape | undefined {
  return (schema as { readonly [shapes]?: Shape } | undefined)?.[shapes];
}

/** Makes the schema of a shape: it checks the kind of a value and passes the value on as it is. */
export function shapeSchema<Input, Output>(
  shape: Shape | undefined,
  validate: (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>,
): StandardSchema<Input, Output> {
  const schema = { "~standard": Object.freeze({ version: 1, vendor: "plugwire", validate }) };
  if (shape !== undefined) Object.defineProperty(schema, shapes, { value: Object.freeze(shape) });
  return Object.freeze(schema) as unknown as StandardSchema<Input, Output>;
}

/** For a value of another kind. */
export function refused(expected: string, value: unknown): SchemaResult<unknown> {
  return { issues: [{ message: `Expected ${expected} but received ${nameOf(value)}` }] };
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
