import type { ContractFacts, Peer } from "./contract.ts";
import { lookUp, methodNames } from "./implementation.ts";
import { newerMethods } from "./newer_methods.ts";
import { bindImplementation, type Instance, type Served, servedParts } from "./served.ts";

/**
 * What serves an older contract beside a newer implementation: all methods that the newer one lacks or has with other
 * types, and as many of the others as one likes.
 *
 * @typeParam Old The implementer's view of the older contract.
 * @typeParam New That of the newer one.
 */
export type Adaptation<Old, New> = Pick<Old, ChangedMethods<Old, New>> & Partial<Old>;

/** Names of those methods of the older contract that the newer one's implementation cannot answer as it is. */
export type ChangedMethods<Old, New> = {
  [K in keyof Old]: K extends keyof New ? (New[K] extends Old[K] ? never : K) : K;
}[keyof Old];

/**
 * Binds a contract to the implementation of another one, as far as the two are alike, and to changes where they are not.
 *
 * @throws TypeError as for `implement()`.
 */
export function adaptImplementation(
  name: string,
  contract: ContractFacts,
  newer: Served,
  changesFor: (now: never) => unknown,
): Served {
  const { isFactory, make } = servedParts(newer);
  if (typeof changesFor !== "function") {
    throw new TypeError(
      `contract ${name}: adapt() takes a function of the newer implementation as its second argument`,
    );
  }
  const adapt = (instance: Instance): object => {
    const changes: unknown = changesFor(newerMethods(instance.implementation, instance.methods) as never);
    if (typeof changes === "object" && changes !== null) return merge(instance, changes, contract);
    throw new TypeError(`contract ${name}: the function given to adapt() must return an object of methods`);
  };
  const factory = (peer: Peer): object | Promise<object> => {
    const made = make(peer);
    return made instanceof Promise ? made.then(adapt) : adapt(made);
  };
  // One that is no factory answers every peer with the same, which it does not ask for.
  return bindImplementation(name, contract, isFactory ? factory : factory(undefined as never));
}

/** Each method stays with the object it is of, so that both keep their state. */
function merge({ implementation, methods }: Instance, changes: object, contract: ContractFacts): object {
  const merged: Record<string, unknown> = Object.create(null);
  for (const [name, method] of methods) merged[name] = method.bind(implementation);
  for (const name of [...(contract.methods?.keys() ?? []), ...methodNames(changes)]) {
    const change = lookUp(changes, name);
    if (typeof change === "function") merged[name] = change.bind(changes);
  }
  return merged;
}
