import type { types } from "./_types.ts";
import type { Contract } from "./contract.ts";
import type { Implementation, Remote } from "./remote.ts";

/**
 * What `dispense` gives of a contract, to name it: for a parameter, a field, a result.
 *
 * @typeParam C The contract's type, as in `ProxyOf<typeof greeter>`.
 *
 * @example
 * ```ts
 * import { contract, method, type ProxyOf } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
 * export const greetAll = (proxy: ProxyOf<typeof greeter>, names: string[]): Promise<string[]> =>
 *   Promise.all(names.map((name) => proxy.greet(name)));
 * ```
 */
export type ProxyOf<C extends Contract<unknown, unknown>> = Remote<NonNullable<C[typeof types]>["caller"]> & Disposable;

/**
 * What a contract's `implement()` takes, to name it: for a class that implements the contract.
 *
 * @typeParam C The contract's type, as in `ImplementationOf<typeof greeter>`.
 *
 * @example
 * ```ts
 * import { contract, type ImplementationOf, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
 * class Polite implements ImplementationOf<typeof greeter> {
 *   greet(name: string): string {
 *     return `Good day, ${name}.`;
 *   }
 * }
 * export const served = greeter.implement(new Polite());
 * ```
 */
export type ImplementationOf<C extends Contract<unknown, unknown>> = Implementation<
  NonNullable<C[typeof types]>["implementation"]
>;
