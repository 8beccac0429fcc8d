import type { AnyFunction } from "./_kinds.ts";
import type { ImplementedMethod } from "./implementation.ts";

/**
 * The methods of a newer implementation as an adapter calls them: where they take a callback, a plain function will do
 * beside one that came from the other side.
 *
 * @typeParam New The implementer's view of the newer contract.
 */
export type NewerMethods<New> = {
  [K in keyof New]: New[K] extends (...args: infer A) => infer R
    ? true extends IsHeldFunction<A[number]>
      ? (...args: { [I in keyof A]: IsHeldFunction<A[I]> extends false ? A[I] : PlainToo<A[I]> }) => R
      : New[K]
    : New[K];
};

type IsHeldFunction<P> = 0 extends 1 & P ? false : P extends AnyFunction & Disposable ? true : false;

// What can be called before it is there, as what a callback gives may be, is more than a promise; no plain function gives that.
type PlainToo<P> = P extends AnyFunction & Disposable
  ? Promise<Awaited<ReturnType<P>>> extends ReturnType<P>
    ? (...args: Parameters<P>) => Awaited<ReturnType<P>> | PromiseLike<Awaited<ReturnType<P>>>
    : P
  : P;

/** Plain functions as implementations got them. One stays one, for implementations that compare them. */
const asReceived: WeakMap<object, object> = new WeakMap();

/** The methods of an implementation, which get plain functions as they get those of the other side: to be awaited and disposed of. */
export function newerMethods(implementation: object, methods: ReadonlyMap<string, ImplementedMethod>): object {
  const view: Record<string, unknown> = Object.create(null);
  for (const [name, method] of methods) {
    view[name] = (...args: unknown[]): unknown => method.apply(implementation, args.map(received));
  }
  return view;
}

function received(argument: unknown): unknown {
  if (typeof argument !== "function" || Symbol.dispose in argument) return argument;
  let made = asReceived.get(argument);
  if (made === undefined) {
    const dispose = (): void => {};
    made = Object.assign(async (...args: unknown[]): Promise<unknown> => await argument(...args), {
      [Symbol.dispose]: dispose,
    });
    asReceived.set(argument, made);
  }
  return made;
}
