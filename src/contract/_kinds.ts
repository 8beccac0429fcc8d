/** Any function. `never[]` keeps `any` out of the public types. */
export type AnyFunction = (...args: never[]) => unknown;

/** What crosses as a whole, whatever methods it has. */
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
  | WritableStream<unknown>
  | PromiseLike<unknown>;

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;
type Collection = AsyncIterable<unknown> | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | readonly unknown[];

/** `true` for a function, and for an object type all of whose members are functions: it crosses by reference. */
export type IsReference<T> =
  IsAny<T> extends true
    ? false
    : IsUnknown<T> extends true
      ? false
      : T extends Leaf
        ? false
        : T extends AnyFunction
          ? true
          : T extends Collection
            ? false
            : T extends object
              ? AllFunctions<T, keyof T & string>
              : false;

type AllFunctions<T, K extends keyof T> = [K] extends [never]
  ? false
  : { [P in K]-?: NonNullable<T[P]> extends AnyFunction ? true : false }[K] extends true
    ? true
    : false;

/** How many levels of a type are looked through; recursive types have no last one. */
type Levels = [0, 0, 0, 0, 0];

/** `true` when anything in a type crosses by reference: the two sides then have different views of it. */
export type HasReference<T, Left extends readonly unknown[] = Levels> =
  IsAny<T> extends true
    ? false
    : IsUnknown<T> extends true
      ? false
      : true extends ReferenceWithin<T, Left>
        ? true
        : false;

type ReferenceWithin<T, Left extends readonly unknown[]> = T extends Leaf
  ? false
  : IsReference<T> extends true
    ? true
    : Left extends readonly [unknown, ...infer Rest]
      ? T extends AsyncIterable<unknown>
        ? true
        : T extends ReadonlyMap<unknown, infer V>
          ? HasReference<V, Rest>
          : T extends ReadonlySet<infer V>
            ? HasReference<V, Rest>
            : T extends readonly unknown[]
              ? HasReference<T[number], Rest>
              : T extends object
                ? { [K in keyof T]-?: HasReference<T[K], Rest> }[keyof T]
                : false
      : false;
