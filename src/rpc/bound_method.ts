import type { Method } from "../contract/mod.ts";

/** A method of something of this side, ready to be called. */
export interface BoundMethod {
  readonly spec: Method | undefined;
  /** What it is called in errors. */
  readonly place: { readonly contract: string; readonly method: string };
  readonly invoke: (args: readonly unknown[]) => unknown;
}

/** Methods of an object, called with it as `this`. @param labelOf What each is called in errors. */
export function bindMethods(
  object: object,
  methods: ReadonlyMap<string, (...args: unknown[]) => unknown>,
  specs: ReadonlyMap<string, Method> | undefined,
  contract: string,
  labelOf: (method: string) => string = (method) => method,
): ReadonlyMap<string, BoundMethod> {
  const bound = new Map<string, BoundMethod>();
  for (const [name, method] of methods) {
    bound.set(name, {
      spec: specs?.get(name),
      place: { contract, method: labelOf(name) },
      invoke: (args) => Reflect.apply(method, object, args),
    });
  }
  return bound;
}
