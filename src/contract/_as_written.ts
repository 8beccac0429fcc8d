import type { AnyFunction, HasReference, Leaf } from "./_kinds.ts";
import type { types } from "./_types.ts";

/**
 * A type as the interface has it, for implementations that are declared by the interface: a method `table(): Table` of a
 * class. It stands in unions with the view of this side, and an arrow function written there takes its parameters from that view.
 */
export type AsWritten<T> =
  HasReference<T> extends true
    ? T extends AnyFunction
      ? Muted<T>
      : T extends Leaf
        ? T
        : T extends ReadonlyMap<infer K, infer V>
          ? ReadonlyMap<K, AsWritten<V>>
          : T extends ReadonlySet<infer V>
            ? ReadonlySet<AsWritten<V>>
            : T extends AsyncIterable<infer E>
              ? AsyncIterable<AsWritten<E>>
              : { [K in keyof T]: AsWritten<T[K]> }
    : T;

/**
 * A function that functions may be assigned to as ever, but none takes its parameters' types from. In a union of two function types
 * TypeScript finds types for parameters only when both have the same; an overload with type parameters that differ from
 * those of the others makes it pass over this one.
 */
export type Muted<F> = F & (<_ extends typeof types>(...args: never) => unknown);

/** `true` for a function with one signature and no type parameters of its own. */
export type IsPlain<F> = F extends (...args: infer A) => infer R
  ? (<T>() => T extends F ? 1 : 2) extends <T>() => T extends (...args: A) => R ? 1 : 2
    ? true
    : false
  : false;
