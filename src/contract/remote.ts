import type { AsWritten, IsPlain, Muted } from "./_as_written.ts";
import type { AnyFunction, HasReference, IsReference, Leaf } from "./_kinds.ts";
import type { DeclaredFunction } from "./_types.ts";

/** The caller's view of an interface: every method gives a promise. */
export type Remote<T> = T extends AnyFunction
  ? RemoteMethod<T>
  : {
      readonly [K in keyof T as MethodKey<T, K>]: NonNullable<T[K]> extends infer F extends AnyFunction
        ? RemoteMethod<F>
        : never;
    };

/** Only methods with a string for a name are remote. */
type MethodKey<T, K extends keyof T> = K extends string ? (NonNullable<T[K]> extends AnyFunction ? K : never) : never;

/**
 * One method, from the caller's side. One that already gives a promise of plain data is left as it is, overloads and type
 * parameters included; where it takes what is called back, that may be as {@linkcode Sent} says.
 */
export type RemoteMethod<F extends AnyFunction> = F extends (...args: infer A) => PromiseLike<infer R>
  ? HasReference<R> extends true
    ? MappedMethod<F>
    : HasReference<A> extends true
      ? IsPlain<F> extends true
        ? MappedMethod<F>
        : F & MappedMethod<F>
      : F
  : MappedMethod<F>;

type MappedMethod<F> = F extends (...args: infer A) => infer R
  ? (...args: { [I in keyof A]: Sent<A[I]> }) => RemoteResult<Awaited<R>>
  : never;

/**
 * What a call gives: a promise; of an object by reference, one whose methods can be called at once; of a sequence, one that can
 * be iterated at once. Of a function it can itself be called where the contract declares that by `callback()`; without
 * that nobody knows in time that the answer is one, and a promise that is a function is taken for one by those who look.
 */
export type RemoteResult<R> =
  IsReference<R> extends true
    ? [R] extends [DeclaredFunction<infer F extends AnyFunction>]
      ? Promise<Held<F>> & RemoteMethod<F>
      : [R] extends [AnyFunction]
        ? Promise<Held<R>>
        : Promise<Held<R>> & Remote<R>
    : [R] extends [AsyncIterable<infer E>]
      ? Promise<Received<R>> & AsyncIterable<Received<E>>
      : Promise<Received<R>>;

/** A reference that this side holds; dispose it to let the other side forget it. */
export type Held<T> = Remote<T> & Disposable;

/** A sequence of the other side's: ended by `return()`, by `break` out of `for await`, or by `await using`. */
export type RemoteIterator<T> = AsyncIterableIterator<T> & AsyncDisposable;

/** What this side may pass where the interface says `T`: a callback or an object by reference may answer at once or later. */
export type Sent<T> =
  HasReference<T> extends true
    ? T extends AnyFunction
      ? LooseMethod<T>
      : T extends Leaf
        ? T
        : IsReference<T> extends true
          ? AsWritten<T> | Implementation<T>
          : T extends ReadonlyMap<infer K, infer V>
            ? ReadonlyMap<K, Sent<V>>
            : T extends ReadonlySet<infer V>
              ? ReadonlySet<Sent<V>>
              : T extends AsyncIterable<infer E>
                ? AsyncIterable<Sent<E>>
                : { [K in keyof T]: Sent<T[K]> }
    : T;

/** What this side gets where the interface says `T`: functions have become remote, also in the fields of what crosses by value. */
export type Received<T> =
  HasReference<T> extends true
    ? T extends AnyFunction
      ? Held<T>
      : T extends Leaf
        ? T
        : IsReference<T> extends true
          ? Held<T>
          : T extends ReadonlyMap<infer K, infer V>
            ? Map<K, Received<V>>
            : T extends ReadonlySet<infer V>
              ? Set<Received<V>>
              : T extends AsyncIterable<infer E>
                ? RemoteIterator<Received<E>>
                : { [K in keyof T]: Received<T[K]> }
    : T;

/** What implements `T`: the same methods, each free to answer now or later. */
export type Implementation<T> = {
  [K in keyof T as MethodKey<T, K>]: NonNullable<T[K]> extends infer F extends AnyFunction
    ? ImplementationMethod<F>
    : never;
};
type ImplementationMethod<F extends AnyFunction> = F extends (...args: infer A) => infer R
  ? HasReference<[A, Awaited<R>]> extends true
    ? LooseMethod<F>
    : IsPlain<F> extends true
      ? LooseMethod<F>
      : F | Muted<LooseMethod<F>>
  : never;
type LooseMethod<F> = F extends (...args: infer A) => infer R
  ? (...args: { [I in keyof A]: Received<A[I]> }) => Answer<Awaited<R>>
  : never;
// Only where they are told apart, so that editors show plain data as what it is.
type Answer<R> = HasReference<R> extends true ? Given<R> | PromiseLike<Given<R>> : R | PromiseLike<R>;
/** What an implementation gives where the interface says `R`. Errors are told of the last of them. */
type Given<R> = AsWritten<R> | Sent<R>;
