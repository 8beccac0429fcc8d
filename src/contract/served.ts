import type { types } from "./_types.ts";
import type { ContractFacts, Peer } from "./contract.ts";
import { type ImplementedMethod, implementedMethods } from "./implementation.ts";

/**
 * A contract with its implementation, ready to be served.
 *
 * @typeParam Impl The implementer's view of the contract.
 */
export interface Served<Impl = unknown> {
  /** Name of the contract. */
  readonly name: string;
  /** Type only. */
  readonly [types]?: { readonly implementation: Impl };
}

/** An implementation with the methods that can be called on it. */
export interface Instance {
  readonly implementation: object;
  /** Called with the implementation as `this`. */
  readonly methods: ReadonlyMap<string, ImplementedMethod>;
}

/** What is behind a {@linkcode Served}. */
export interface ServedParts {
  readonly name: string;
  readonly contract: ContractFacts;
  /** Whether a new implementation is made for each dispense. */
  readonly isFactory: boolean;
  /** Names of what can be called; `undefined` while only a factory knows them. */
  readonly names: readonly string[] | undefined;
  /**
   * The implementation for one dispense. A promise only where a factory gave one.
   *
   * @throws TypeError (or rejects) when what a factory gave lacks a method; whatever the factory throws.
   */
  make(peer: Peer): Instance | Promise<Instance>;
}

const parts: unique symbol = Symbol.for("plugwire.served") as never;

/** Makes a {@linkcode Served}. A function is a factory; anything else is looked through at once. */
export function bindImplementation(name: string, contract: ContractFacts, given: unknown): Served {
  const { methods, partial } = contract;
  const bind = (implementation: unknown): Instance => ({
    implementation: implementation as object,
    methods: implementedMethods(name, methods, partial, implementation),
  });
  if (typeof given === "function") {
    if (isClass(given)) {
      throw new TypeError(
        `contract ${name}: implement() was given a class; pass an instance, or () => new ${given.name}()`,
      );
    }
    const factory = given as (peer: Peer) => unknown;
    return serve({
      name,
      contract,
      isFactory: true,
      names: methods === undefined || partial ? undefined : [...methods.keys()],
      make(peer) {
        const made = factory(peer);
        return made instanceof Promise ? made.then(bind) : bind(made);
      },
    });
  }
  const instance = bind(given);
  return serve({ name, contract, isFactory: false, names: [...instance.methods.keys()], make: () => instance });
}

function serve(made: ServedParts): Served {
  const served: Served = { name: made.name };
  Object.defineProperty(served, parts, { value: Object.freeze(made) });
  return Object.freeze(served);
}

/** A class cannot be called without `new`, and nothing but its source says so before. */
function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/**
 * Opens what `implement()` gave.
 *
 * @throws TypeError for anything else, such as a contract without its implementation.
 */
export function servedParts(served: Served): ServedParts {
  const found = (served as { readonly [parts]?: ServedParts } | undefined | null)?.[parts];
  if (found === undefined) throw new TypeError("this cannot be served; pass what contract.implement(…) gives");
  return found;
}
