import { shownValue } from "../errors/check_options.ts";
import { checkName, reservedReason } from "./_names.ts";
import type { types } from "./_types.ts";
import { type Adaptation, adaptImplementation } from "./adapt.ts";
import { type CallerOf, type ImplementerOf, isMethod, type Method, type Methods, type MethodsFor } from "./method.ts";
import type { NewerMethods } from "./newer_methods.ts";
import type { Implementation, Remote } from "./remote.ts";
import { bindImplementation, type Served } from "./served.ts";

/** What both sides agree on. */
export interface Contract<T, Impl = T> {
  /** The name on the wire. */
  readonly name: string;
  /** Type only. */
  readonly [types]?: { caller: T; implementation: Impl };
  /**
   * Binds an object (plain, or an instance of a class), or a factory called once per dispense, at its first call. A
   * function is always a factory. Methods are looked up in the object and its classes, never in `Object.prototype`.
   *
   * @param implementation What answers the calls.
   * @returns What `serve`, `provide` and `inProcess` take.
   * @throws TypeError for a method that is missing, with the name that was probably meant.
   */
  implement(
    implementation: Implementation<Impl> | ((peer: Peer) => Implementation<Impl> | Promise<Implementation<Impl>>),
  ): Served<Implementation<Impl>>;
  /**
   * Serves this contract from the implementation of a newer version of it: an object stays one object, a factory is
   * called once per dispense as for the newer one, so that all state is kept once.
   *
   * What `changes` does not name is answered by the newer implementation as it is; the types ask for all that differs.
   * The newer contract's schemas are not asked: the newer implementation is called directly.
   *
   * @param newer What `implement()` of the newer contract gave.
   * @param changes Given the newer implementation's methods, those that this contract has otherwise. Where a newer one takes a
   * callback, a plain function may be passed.
   * @returns What `serve`, `provide` and `inProcess` take.
   * @throws TypeError for a method that neither has.
   *
   * @example
   * ```ts
   * import { contract } from "@plugwire/plugwire";
   * const greeterV1 = contract<{ greet(name: string): string; count(): number }>("greeter");
   * const greeterV2 = contract<{ greet(name: string, tongue: string): string; count(): number }>("greeter");
   *
   * let count = 0;
   * const greet = (name: string, tongue: string): string => {
   *   count++;
   *   return tongue === "fr" ? `Bonjour, ${name}` : `Hello, ${name}`;
   * };
   * const second = greeterV2.implement({ greet, count: () => count });
   * const first = greeterV1.adapt(second, (now) => ({ greet: (name) => now.greet(name, "en") }));
   * export const versions = { 1: [first], 2: [second] };
   * ```
   */
  adapt<Newer>(
    newer: Served<Newer>,
    changes: (now: NewerMethods<Newer>) => Adaptation<Implementation<Impl>, Newer>,
  ): Served<Implementation<Impl>>;
}

/** The other side of a session. */
export interface Peer {
  /** The protocol version that the two sides have in common. */
  readonly version: number;
  /**
   * Gives a proxy of one of the other side's contracts. What is wrong it throws at once, not by the promise of a call.
   *
   * @throws TypeError for what is no contract.
   * @throws PluginError `no_such_contract`, `no_such_method`, `contract_mismatch`, `closed`.
   */
  dispense<T, I>(contract: Contract<T, I>): Remote<T>;
}

/** Options of {@linkcode contract}. */
export interface ContractOptions {
  /**
   * For a contract that has schemas for some methods of its interface only: the implementation's other methods
   * are served too, unchecked. Default `false`: only the methods listed can be called, so all must be.
   */
  readonly partial?: boolean;
}

/** What a contract knows beside its name. */
export interface ContractFacts {
  /** The name on the wire. */
  readonly name: string;
  /** Methods by name; `undefined` for a contract of types only, which serves whatever methods the implementation has. */
  readonly methods: ReadonlyMap<string, Method> | undefined;
  /** Whether methods that are not listed are served too, unchecked. */
  readonly partial: boolean;
}

// Registered, so that a contract of another copy of the package is one here too.
const facts: unique symbol = Symbol.for("plugwire.contract") as never;

/**
 * Makes a contract from methods with schemas.
 *
 * @param name The name on the wire: up to 200 bytes, no control characters.
 * @param methods What can be called.
 * @throws TypeError or RangeError for a name or method that cannot be.
 *
 * @example
 * ```ts
 * import { contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
 * ```
 */
export function contract<const M extends Methods>(
  name: string,
  methods: M,
  options?: ContractOptions,
): Contract<CallerOf<M>, ImplementerOf<M>>;
/**
 * Makes a contract from an interface alone: nothing is checked, and all methods of the implementation are served.
 *
 * @example
 * ```ts
 * import { type Contract, contract } from "@plugwire/plugwire";
 * export interface Greeter {
 *   greet(name: string): Promise<string>;
 * }
 * export const greeter: Contract<Greeter> = contract<Greeter>("greeter");
 * ```
 */
export function contract<T extends object>(name: string): Contract<T>;
/**
 * Makes a contract from an interface, with schemas for all of its methods.
 *
 * @example
 * ```ts
 * import { type Contract, contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export interface Greeter {
 *   greet(name: string): Promise<string>;
 * }
 * export const greeter: Contract<Greeter> = contract<Greeter>("greeter", { greet: method([v.string()], v.string()) });
 * ```
 */
export function contract<T extends object = never>(
  name: string,
  methods: MethodsFor<T>,
  options?: ContractOptions & { readonly partial?: false },
): Contract<T>;
/**
 * Makes a contract from an interface, with schemas for some of its methods; the others are served too, unchecked.
 *
 * @example
 * ```ts
 * import { type Contract, contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export interface Greeter {
 *   greet(name: string): Promise<string>;
 *   each(visit: (name: string) => void): Promise<void>;
 * }
 * const checked = { greet: method([v.string()], v.string()) };
 * export const greeter: Contract<Greeter> = contract<Greeter>("greeter", checked, { partial: true });
 * ```
 */
export function contract<T extends object = never>(
  name: string,
  methods: Partial<MethodsFor<T>>,
  options: ContractOptions & { readonly partial: true },
): Contract<T>;
export function contract(name: string, methods?: unknown, options?: ContractOptions): Contract<never, never> {
  checkName("contract name", name);
  const known: ContractFacts = Object.freeze({
    name,
    methods: methods === undefined ? undefined : readMethods(name, methods),
    partial: methods === undefined || options?.partial === true,
  });
  const made: Contract<never, never> = {
    name,
    implement: (implementation: unknown) => bindImplementation(name, known, implementation) as Served<never>,
    adapt: (newer: Served, changes: (now: never) => unknown) =>
      adaptImplementation(name, known, newer, changes) as Served<never>,
  };
  Object.defineProperty(made, facts, { value: known });
  return Object.freeze(made);
}

function readMethods(contractName: string, methods: unknown): ReadonlyMap<string, Method> {
  if (typeof methods !== "object" || methods === null || Array.isArray(methods)) {
    throw new TypeError(`contract ${contractName}: its methods must be an object, as in { greet: method([…]) }`);
  }
  const read = new Map<string, Method>();
  for (const [name, described] of Object.entries(methods)) {
    if (described === undefined) continue;
    checkName(`method name in contract ${contractName}`, name);
    const reason = reservedReason(name);
    if (reason !== undefined)
      throw new TypeError(`contract ${contractName}: no method can be called ${name}: ${reason}`);
    if (!isMethod(described)) {
      throw new TypeError(`contract ${contractName}: ${name} must be made by method(), as in ${name}: method([…])`);
    }
    read.set(name, described);
  }
  return read;
}

/**
 * Methods of a contract by name.
 *
 * @returns `undefined` for a contract of types only: nothing is checked, and names come from the implementation.
 * @throws TypeError for something that `contract()` did not make.
 */
export function methodsOf(contract: { readonly name: string }): ReadonlyMap<string, Method> | undefined {
  return factsOf(contract).methods;
}

/**
 * All that a contract knows.
 *
 * @throws TypeError for something that `contract()` did not make.
 */
export function factsOf(contract: { readonly name: string }): ContractFacts {
  const known = (contract as { readonly [facts]?: ContractFacts } | undefined | null)?.[facts];
  if (known === undefined) throw new TypeError("this is not a contract; make one with contract(name, methods)");
  return known;
}

/**
 * Refuses what programs without types may pass where a contract belongs.
 *
 * @param where Who takes it, as in `dispense`.
 * @throws TypeError for something that `contract()` did not make, with what it is.
 */
export function checkContract(where: string, given: unknown): void {
  if ((given as { readonly [facts]?: ContractFacts } | undefined | null)?.[facts] !== undefined) return;
  throw new TypeError(`${where} takes a contract, as contract(…) gives it, not ${whatItIs(given)}`);
}

function whatItIs(given: unknown): string {
  if (given instanceof Promise) return "a promise; await it first";
  const tag = Object.prototype.toString.call(given);
  return tag === "[object Module]" ? "a module; pass what it exports" : shownValue(given);
}
