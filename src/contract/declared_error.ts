import type { InferInput, InferOutput, StandardSchema } from "./standard_schema.ts";

/** The errors that a method declares: by code, the schema of what each tells. */
export type DeclaredErrors = { readonly [code: string]: StandardSchema };

// Registered, so that an error of another copy of the package is one here too.
const brand: unique symbol = Symbol.for("plugwire.DeclaredError") as never;

/**
 * An error that a method declares: a code, and data that is checked where it arrives. Made by {@linkcode declaredError},
 * recognised by {@linkcode isDeclaredError}. `instanceof` works across two copies of the package.
 */
export class DeclaredError<Code extends string = string, Data = unknown> extends Error {
  static {
    Object.defineProperty(DeclaredError.prototype, "name", {
      value: "DeclaredError",
      writable: true,
      configurable: true,
    });
    Object.defineProperty(DeclaredError.prototype, brand, { value: true });
  }
  /** Which of the errors that the method declares. */
  readonly code: Code;
  /** What it tells, by the schema of its code. */
  readonly data: Data;

  /**
   * Makes an error of this code.
   *
   * @param code Which error.
   * @param message For people.
   * @param data What it tells.
   * @param options The cause.
   */
  constructor(code: Code, message: string, data: Data, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }

  /** True for a `DeclaredError` of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): value is DeclaredError {
    return typeof value === "object" && value !== null && (value as { readonly [brand]?: true })[brand] === true;
  }
}

/** Data and message: what a schema lets be left out may be left out. */
type Told<Data> = undefined extends Data ? [data?: Data, message?: string] : [data: Data, message?: string];

/**
 * Makes an error that a method declares, for an implementation to throw.
 *
 * @param errors What the method has in `errors`.
 * @param code Which of them.
 * @param told What it tells, by the schema of the code, and a message for people (default: the code).
 * @throws TypeError for a code that is not declared.
 *
 * @example
 * ```ts
 * import { contract, declaredError, inProcess, isDeclaredError, method } from "@plugwire/plugwire";
 * import * as v from "valibot";
 *
 * const errors = { notFound: v.object({ id: v.number() }) };
 * const users = contract("users", { name: method([v.number()], v.string(), { errors }) });
 * const served = users.implement({
 *   name(id) {
 *     throw declaredError(errors, "notFound", { id }, `there is no user ${id}`);
 *   },
 * });
 *
 * await using plugin = await inProcess(served);
 * try {
 *   await plugin.dispense(users).name(7);
 * } catch (error) {
 *   if (!isDeclaredError(error, errors, "notFound")) throw error;
 *   console.log(error.data.id); // 7
 * }
 * ```
 */
export function declaredError<const E extends DeclaredErrors, Code extends keyof E & string>(
  errors: E,
  code: Code,
  ...told: Told<InferInput<E[Code]>>
): DeclaredError<Code, InferInput<E[Code]>> {
  if (!Object.hasOwn(errors, code)) throw new TypeError(`no error ${JSON.stringify(code)} is declared`);
  const [data, message = code] = told;
  return new DeclaredError(code, message, data as InferInput<E[Code]>);
}

/**
 * Tells whether a call failed with an error that its method declares.
 *
 * @param error Whatever the call rejected with.
 * @param errors What the method has in `errors`.
 * @param code Which of them.
 * @returns `true` for this one; its `data` then is what the schema of the code gives.
 *
 * @example
 * ```ts
 * import { declaredError, isDeclaredError } from "@plugwire/plugwire";
 * import * as v from "valibot";
 * const errors = { notFound: v.object({ id: v.number() }), busy: v.undefined() };
 * console.log(isDeclaredError(declaredError(errors, "busy"), errors, "notFound")); // false
 * ```
 */
export function isDeclaredError<const E extends DeclaredErrors, Code extends keyof E & string>(
  error: unknown,
  errors: E,
  code: Code,
): error is DeclaredError<Code, InferOutput<E[Code]>> {
  return error instanceof DeclaredError && error.code === code && Object.hasOwn(errors, code);
}
