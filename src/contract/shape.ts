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
const wrapped: unique symbol = Symbol.for("plugwire.optional") as never;

/** The shape that a schema stands for, through `optional()` too; `undefined` for a schema of data. */
export function shapeOf(schema: StandardSchema | undefined): Shape | undefined {
  return (schema as { readonly [shapes]?: Shape } | undefined)?.[shapes];
}

/** The schema that `optional()` was given; `undefined` for any other schema. */
export function wrappedIn(schema: StandardSchema): StandardSchema | undefined {
  return (schema as { readonly [wrapped]?: StandardSchema })[wrapped];
}

type Validate = (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>;

/** Makes the schema of a shape: `validate` checks the kind of a value and passes the value on as it is. */
export function shapeSchema<Input, Output>(shape: Shape, validate: Validate): StandardSchema<Input, Output> {
  return Object.freeze(
    Object.defineProperty(schemaOf<Input, Output>(validate), shapes, { value: Object.freeze(shape) }),
  );
}

/** Makes the schema of something that may be left out; it has the shape of what it wraps. */
export function optionalSchema<Input, Output>(
  inner: StandardSchema,
  validate: Validate,
): StandardSchema<Input, Output> {
  const properties = { [shapes]: { value: shapeOf(inner) }, [wrapped]: { value: inner } };
  return Object.freeze(Object.defineProperties(schemaOf<Input, Output>(validate), properties));
}

function schemaOf<Input, Output>(validate: Validate): StandardSchema<Input, Output> {
  return { "~standard": Object.freeze({ version: 1, vendor: "plugwire", validate }) } as StandardSchema<Input, Output>;
}

/** For a value of another kind. @param wayOut What would make it the right one. */
export function refused(expected: string, value: unknown, wayOut?: string): SchemaResult<unknown> {
  const way = wayOut === undefined ? "" : `; ${wayOut}`;
  return { issues: [{ message: `Expected ${expected} but received ${nameOf(value)}${way}` }] };
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
