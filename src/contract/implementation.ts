import { hint } from "../errors/near_miss.ts";
import { checkName, reservedReason } from "./_names.ts";
import type { Method } from "./method.ts";

/** A function that answers calls; called with its implementation as `this`. */
export type ImplementedMethod = (...args: unknown[]) => unknown;

/**
 * Names of the methods that an object has, in its classes too: functions with a string for a name. Never
 * `constructor`, nothing of `Object.prototype`, and no getters, since to look would be to run them. TypeScript's
 * `private` is not seen here: what must not be called is `#private`.
 */
export function methodNames(implementation: object): readonly string[] {
  const names = new Set<string>();
  for (const holder of holders(implementation)) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (reservedReason(name) !== undefined || names.has(name)) continue;
      const value: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value;
      if (typeof value === "function") names.add(name);
    }
  }
  return [...names];
}

/**
 * The methods of an implementation that can be called: what is not in this map is never reached.
 *
 * @param contractName For the error.
 * @param methods The methods that the contract lists, or `undefined`.
 * @param partial Whether the implementation's other methods are served too.
 * @throws TypeError when a method that is listed is missing or no function, or one that is not listed has a name that cannot be.
 */
export function implementedMethods(
  contractName: string,
  methods: ReadonlyMap<string, Method> | undefined,
  partial: boolean,
  implementation: unknown,
): ReadonlyMap<string, ImplementedMethod> {
  if (typeof implementation !== "object" || implementation === null) {
    throw new TypeError(
      `contract ${contractName}: its implementation must be an object, not ${nameOf(implementation)}`,
    );
  }
  if (typeof lookUp(implementation, "then") === "function") {
    throw new TypeError(
      `contract ${contractName}: its implementation has a method then, so await takes it for a promise`,
    );
  }
  const found = new Map<string, ImplementedMethod>();
  const listed = methods?.keys() ?? [];
  const others = partial ? methodNames(implementation) : [];
  for (const name of others) checkImplementedName(contractName, name);
  for (const name of [...listed, ...others]) {
    const value = lookUp(implementation, name);
    if (typeof value === "function") found.set(name, value as ImplementedMethod);
    else throw new TypeError(complaint(contractName, name, value, implementation));
  }
  return found;
}

/** What `contract()` asks of the names it is given. */
function checkImplementedName(contractName: string, name: string): void {
  try {
    checkName("method name", name);
  } catch (error) {
    throw new TypeError(`contract ${contractName}: its implementation cannot be served: ${(error as Error).message}`);
  }
}

function complaint(contractName: string, name: string, value: unknown, implementation: object): string {
  const quoted = JSON.stringify(name);
  if (value !== undefined)
    return `contract ${contractName}: ${quoted} of its implementation is no function but ${nameOf(value)}`;
  return `contract ${contractName}: its implementation has no method ${quoted}${hint(name, methodNames(implementation))}`;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}

/** A member of an object or of its classes, never of `Object.prototype`. */
export function lookUp(implementation: object, name: string): unknown {
  for (const holder of holders(implementation)) {
    if (Object.hasOwn(holder, name)) return Reflect.get(holder, name, implementation);
  }
  return undefined;
}

/** The object and its prototypes, without the last one that all objects of its realm share. */
function* holders(implementation: object): Generator<object> {
  let holder: object | null = implementation;
  while (holder !== null) {
    const parent: object | null = Object.getPrototypeOf(holder);
    if (parent === null && Object.hasOwn(holder, "isPrototypeOf")) return;
    yield holder;
    holder = parent;
  }
}
