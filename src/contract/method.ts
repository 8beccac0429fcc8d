import type { AnyFunction, Leaf } from "./_kinds.ts";
import type { DeclaredFunction, types } from "./_types.ts";
import type { DeclaredErrors } from "./declared_error.ts";
import { type Shape, shapeOf } from "./shape.ts";
import type { InferInput, InferOutput, StandardSchema } from "./standard_schema.ts";

type OptionalTail<A extends readonly unknown[]> = A extends readonly [...infer Head, infer Last]
  ? undefined extends Last
    ? [...OptionalTail<Head>, Last?]
    : [...A]
  : [];
/** What a caller passes, by the schemas of the arguments. */
export type Inputs<A extends readonly StandardSchema[]> = OptionalTail<{ [I in keyof A]: InferInput<A[I]> }>;
/** What an implementer gets, by the schemas of the arguments. */
export type Outputs<A extends readonly StandardSchema[]> = OptionalTail<{ [I in keyof A]: InferOutput<A[I]> }>;
/** What an implementer gives, by the schema of the result. */
// biome-ignore lint/suspicious/noConfusingVoidType: what gives nothing may be implemented by what gives something
export type InputOf<R> = R extends StandardSchema ? InferInput<R> : void;
/** What a caller gets, by the schema of the result. */
// biome-ignore lint/suspicious/noConfusingVoidType: the same, from the caller's side
export type OutputOf<R> = R extends StandardSchema ? GivenOf<R> : void;
type GivenOf<S extends StandardSchema> = S extends { readonly [types]: "callback" }
  ? DeclaredFunction<InferOutput<S>>
  : InferOutput<S>;
/** What `callback()` gives. */
export interface CallbackSchema<Input, Output> extends StandardSchema<Input, Output> {
  /** Type only. */
  readonly [types]: "callback";
}

/** Options of a method. */
export interface MethodOptions {
  /** May be sent again when the plugin died under it. Default `false`. */
  readonly idempotent?: boolean;
  /** Shown by `plugwire describe`. */
  readonly description?: string;
  /**
   * What crosses by reference in its arguments is kept after the call, until it is disposed. Default `false`: it ends
   * with the call, unless the implementation calls `retain`.
   */
  readonly keeps?: boolean;
  /**
   * The errors that it declares: by code, the schema of what each tells. An implementation throws what `declaredError`
   * makes; a caller tells them apart by `isDeclaredError`.
   */
  readonly errors?: DeclaredErrors;
}

/** One method of a contract: what a caller calls, and what an implementer writes (they differ where a schema transforms). */
export interface Method<Caller extends AnyFunction = AnyFunction, Impl extends AnyFunction = never>
  extends MethodOptions {
  /** Type only: it gives callers the one, and takes the other from implementers. */
  readonly [types]?: { readonly caller: Caller; readonly implementation: (implementation: Impl) => void };
  /** One schema for each argument. */
  readonly args: readonly StandardSchema[];
  /** The schema of the result; `undefined` for a method that gives nothing. */
  readonly returns: StandardSchema | undefined;
  /** For each argument what it is when it is no data; `undefined` when all are data. */
  readonly shapes: readonly (Shape | undefined)[] | undefined;
  /** The same of the result. */
  readonly resultShape: Shape | undefined;
}

/**
 * Describes a method by the schemas of its arguments and of its result.
 *
 * @param args Any Standard Schemas, one for each argument, in order. Default: no arguments.
 * @param returns Schema of the result. Default: the method gives nothing, and what an implementation returns is dropped.
 * @param options Whether it may be repeated, the errors that it declares, its description.
 * @throws TypeError for something that is no Standard Schema.
 *
 * @example
 * ```ts
 * import { contract, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * export const calculator = contract("calculator", {
 *   add: method([v.number(), v.optional(v.number(), 1)], v.number(), { idempotent: true }),
 * });
 * ```
 */
export function method<
  const A extends readonly StandardSchema[] = [],
  R extends StandardSchema | undefined = undefined,
>(
  args?: A,
  returns?: R,
  options?: MethodOptions,
): Method<(...args: Inputs<A>) => OutputOf<R>, (...args: Outputs<A>) => InputOf<R>> {
  if (args !== undefined && !Array.isArray(args)) {
    throw new TypeError("the first parameter of method() must be an array with a schema for each argument");
  }
  const schemas: readonly StandardSchema[] = Object.freeze([...(args ?? [])]);
  schemas.forEach((schema, i) => {
    if (!isSchema(schema)) throw new TypeError(`the schema of args[${i}] given to method() ${notASchema}`);
  });
  if (returns !== undefined && !isSchema(returns)) {
    throw new TypeError(`the schema of the result given to method() ${notASchema}`);
  }
  checkErrors(options?.errors);
  const shapes = schemas.map(shapeOf);
  return Object.freeze({
    ...options,
    args: schemas,
    returns,
    shapes: shapes.some((shape) => shape !== undefined) ? Object.freeze(shapes) : undefined,
    resultShape: shapeOf(returns),
  });
}

function checkErrors(errors: unknown): void {
  if (errors === undefined) return;
  if (typeof errors !== "object" || errors === null || Array.isArray(errors)) {
    throw new TypeError("the errors given to method() must be an object with a schema for each code");
  }
  for (const [code, schema] of Object.entries(errors)) {
    if (code === "") throw new TypeError("a code in the errors given to method() must not be empty");
    if (!isSchema(schema)) throw new TypeError(`the schema of errors.${code} given to method() ${notASchema}`);
  }
}

/** How a complaint about something that is no schema goes on. */
export const notASchema = "is not a Standard Schema; write one with valibot, zod 4, arktype or the like";

/** Tells whether something is a Standard Schema. arktype's are functions. */
export function isSchema(value: unknown): value is StandardSchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard = (value as Partial<StandardSchema>)["~standard"];
  return typeof standard?.validate === "function";
}

/** Tells whether something was made by {@linkcode method}, by this or another copy of the package. */
export function isMethod(value: unknown): value is Method {
  return typeof value === "object" && value !== null && Array.isArray((value as Partial<Method>).args);
}

/** Methods by name. */
export type Methods = { readonly [name: string]: Method };
/** What a caller calls. */
export type CallerOf<M> = { [K in keyof M]: M[K] extends Method<infer C, infer _> ? C : never };
/** What an implementer writes. */
export type ImplementerOf<M> = { [K in keyof M]: M[K] extends Method<infer _, infer I> ? I : never };

type ArgsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
/** A type as `callback()` and `stream()` have it: what a callback gives is there at once, a sequence is any that can be iterated. */
type Declared<T> = T extends AnyFunction
  ? (...args: DeclaredArgs<ArgsOf<T>>) => Declared<ResultOf<T>>
  : T extends Leaf
    ? T
    : T extends AsyncIterable<infer E>
      ? AsyncIterable<E>
      : T;
type DeclaredArgs<A extends readonly unknown[]> = { [I in keyof A]: Declared<A[I]> };
type DeclaredMethod<F> = (...args: DeclaredArgs<ArgsOf<F>>) => Declared<ResultOf<F>>;
/** Methods for an interface that exists already: one for each of its methods. */
export type MethodsFor<T> = {
  readonly [K in keyof T as T[K] extends AnyFunction ? K : never]: Method<DeclaredMethod<T[K]>, DeclaredMethod<T[K]>>;
};
