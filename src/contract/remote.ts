/** Any function. `never[]` keeps `any` out of the public types. */
export type AnyFunction = (...args: never[]) => unknown;

/** What crosses by value, whatever methods it has. */
export type Leaf =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a method that gives nothing has it for a result
  | void
  | Date
  | RegExp
  | URL
  | Error
  | ArrayBuffer
  | DataView
  | ArrayBufferView
  | AbortSignal
  | ReadableStream<unknown>
  | WritableStream<unknown>;

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;

/** `true` for an object type with at least one method: it crosses by reference. */
export type IsReference<T> =
  IsAny<T> extends true
    ? false
    : IsUnknown<T> extends true
      ? false
      : T extends Leaf
        ? false
        : T extends AnyFunction
          ? true
          : T extends AsyncIterable<unknown> | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | readonly unknown[]
            ? false
            : T extends object
              ? true extends { [K in keyof T]-?: NonNullable<T[K]> extends AnyFunction ? true : never }[keyof T]
                ? true
                : false
              : false;

/** `true` when a by-value type holds no reference at its first two levels, so that its method can be taken word for word. */
type IsPlain<T> =
  IsAny<T> extends true
    ? true
    : IsUnknown<T> extends true
      ? true
      : T extends Leaf
        ? true
        : IsReference<T> extends true
          ? false
          : T extends AsyncIterable<unknown>
            ? false
            : T extends object
              ? { [K in keyof T]-?: IsReference<NonNullable<T[K]>> }[keyof T] extends false
                ? true
                : false
              : true;

/** The caller's view of an interface: every method gives a promise. */
export type Remote<T> = T extends AnyFunction
  ? RemoteMethod<T>
  : {
      readonly [K in keyof T as T[K] extends AnyFunction ? K : never]: T[K] extends AnyFunction
        ? RemoteMethod<T[K]>
        : never;
    };

/** One method, from the caller's side. A method that already gives a promise of plain data is left as it is, overloads and type parameters included. */
export type RemoteMethod<F extends AnyFunction> = F extends (...args: never[]) => PromiseLike<infer R>
  ? IsPlain<R> extends true
    ? F
    : MappedMethod<F>
  : MappedMethod<F>;

type MappedMethod<F> = F extends (...args: infer A) => infer R
  ? (...args: { [I in keyof A]: Sent<A[I]> }) => RemoteResult<Awaited<R>>
  : never;

/** What a call gives: a promise; of a reference, one whose methods can be called at once; of a sequence, one that can be iterated at once. */
export type RemoteResult<R> =
  IsReference<R> extends true
    ? Promise<Held<R>> & Remote<R>
    : R extends AsyncIterable<infer E>
      ? Promise<R> & AsyncIterable<E>
      : Promise<R>;

/** A reference that this side holds; dispose it to let the other side forget it. */
export type Held<T> = Remote<T> & Disposable;

/** What this side may pass where the interface says `T`: a callback may answer at once or later. */
export type Sent<T> = T extends AnyFunction
  ? T extends (...args: infer A) => infer R
    ? (...args: { [I in keyof A]: Received<A[I]> }) => R | Awaited<R> | PromiseLike<Awaited<R>>
    : never
  : T;

/** What an implementation gets where the interface says `T`: a callback has become remote. */
export type Received<T> = T extends AnyFunction
  ? MappedMethod<T> & Disposable
  : IsReference<T> extends true
    ? Held<T>
    : T;

/** What implements `T`: the same methods, each free to answer now or later. */
export type Implementation<T> = {
  [K in keyof T as T[K] extends AnyFunction ? K : never]: T[K] extends AnyFunction ? ImplementationMethod<T[K]> : never;
};
type ImplementationMethod<F extends AnyFunction> = F extends (...args: infer A) => PromiseLike<infer R>
  ? [IsPlain<R>, HasFunction<A>] extends [true, false]
    ? F | LooseMethod<F>
    : LooseMethod<F>
  : LooseMethod<F>;
type HasFunction<A extends readonly unknown[]> = true extends { [I in keyof A]: IsReference<NonNullable<A[I]>> }[number]
  ? true
  : false;
type LooseMethod<F> = F extends (...args: infer A) => infer R
  ? (...args: { [I in keyof A]: Received<A[I]> }) => R | Awaited<R> | PromiseLike<Awaited<R>>
  : never;
