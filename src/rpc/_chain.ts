import { ErrorCode, PluginError } from "../errors/mod.ts";

/** Names that JavaScript, or what shows values, asks any object for. */
const local: ReadonlySet<string> = new Set(["toJSON", "constructor", "valueOf", "toString", "inspect", "nodeType"]);

/** True for what is never a call of what a promise is going to give. */
export function isLocalName(name: string): boolean {
  return local.has(name) || name in Promise.prototype;
}

/** Calls a method of what a promise gave, or itself. @param method Empty for itself. */
export function callOn(value: unknown, method: string, args: readonly unknown[]): unknown {
  const found = method === "" ? value : lookUp(value, method);
  if (typeof found === "function") return Reflect.apply(found, method === "" ? undefined : value, args);
  const what = method === "" ? "what the call gave is no function" : `what the call gave has no method ${method}`;
  throw new PluginError(ErrorCode.noSuchMethod, what, { execution: "none" });
}

function lookUp(value: unknown, method: string): unknown {
  return value === null || value === undefined ? undefined : (value as Record<string, unknown>)[method];
}

/** Stands behind the promises of calls of which nothing is known: any other name is a method of what they give. */
const anyName = new Proxy(Object.create(Promise.prototype) as object, {
  get(target, key, receiver: Promise<unknown>) {
    if (typeof key === "symbol" || isLocalName(key)) return Reflect.get(target, key, receiver);
    return (...args: unknown[]) => chained(receiver.then((value) => callOn(value, key, args)));
  },
});

/** Their prototype. `await` takes what has the constructor of a promise for one, and is no slower for it. */
const chainedPrototype: object = Object.create(anyName, {
  constructor: { value: Promise },
  // biome-ignore lint/suspicious/noThenProperty: it is one of a promise
  then: { value: Promise.prototype.then },
  catch: { value: Promise.prototype.catch },
  finally: { value: Promise.prototype.finally },
  [Symbol.asyncIterator]: {
    value(this: Promise<unknown>) {
      return itemsOf(this);
    },
  },
});

/**
 * Lets a promise be used as what it is going to give: its methods are called when it has come, and it can be iterated if
 * that can be.
 */
export function chained<T>(promise: Promise<T>): Promise<T> {
  return Object.setPrototypeOf(promise, chainedPrototype) as Promise<T>;
}

async function* itemsOf(promise: Promise<unknown>): AsyncGenerator<unknown> {
  yield* (await promise) as AsyncIterable<unknown>;
}

const iterablePrototype: object = Object.create(Promise.prototype, {
  [Symbol.asyncIterator]: {
    value(this: Promise<unknown>) {
      return itemsOf(this);
    },
  },
});

/** Lets the promise of a stream be iterated at once. */
export function iterable<T>(promise: Promise<T>): Promise<T> {
  return Object.setPrototypeOf(promise, iterablePrototype) as Promise<T>;
}
