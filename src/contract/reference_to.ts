import { type Contract, factsOf } from "./contract.ts";
import { refused, shapeSchema } from "./shape.ts";
import type { StandardSchema } from "./standard_schema.ts";

/**
 * Schema of an object that crosses by reference and has the methods of a contract; each call of it is checked by that
 * contract. A method that is declared to give one may be called through at once, before its answer is there.
 *
 * @param contract The contract, or a function that gives it, for contracts that name themselves or each other.
 * @throws TypeError for something that `contract()` did not make; for a function, when it is first needed.
 *
 * @example
 * ```ts
 * import { contract, method, referenceTo } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const table = contract("table", { count: method([], v.number()) });
 * export const database = contract("database", { table: method([v.string()], referenceTo(table)) });
 * ```
 */
export function referenceTo<T, Impl>(contract: Contract<T, Impl> | (() => Contract<T, Impl>)): StandardSchema<Impl, T> {
  const facts = typeof contract === "function" ? undefined : factsOf(contract);
  const shape = {
    kind: "reference",
    get contract() {
      return facts ?? factsOf((contract as () => Contract<T, Impl>)());
    },
  } as const;
  return shapeSchema(shape, (value) =>
    typeof value === "object" && value !== null ? { value } : refused("an object", value),
  );
}
