import { errorOrigin, markRemote } from "../errors/mod.ts";
import { type CallPlace, invalidError, readIssues, schemaThrew } from "./_complaints.ts";
import { DeclaredError } from "./declared_error.ts";
import type { Method } from "./method.ts";
import type { SchemaResult } from "./standard_schema.ts";

/**
 * Checks the data of a declared error, where it arrives.
 *
 * @param method The method that failed; `undefined` when nothing is known of it.
 * @param error What it threw, made again.
 * @returns The error to reject with: the same one unless it is declared and its schema changes the data; a promise only when the schema
 * gave one. Data that does not fit gives a PluginError `invalid_result`, a schema that throws `internal`: both with the error for a cause.
 */
export function checkDeclaredError(method: Method | undefined, error: unknown, place: CallPlace): unknown {
  const errors = method?.errors;
  if (errors === undefined || !(error instanceof DeclaredError) || !Object.hasOwn(errors, error.code)) return error;
  const take = (result: SchemaResult<unknown>): unknown => {
    if (result.issues !== undefined) return invalidError(place, error, readIssues("data", result));
    return result.value === error.data ? error : withData(error, result.value);
  };
  const threw = (cause: unknown): unknown => schemaThrew(place, error, cause);
  try {
    const result = errors[error.code]!["~standard"].validate(error.data);
    return "then" in result ? Promise.resolve(result).then(take, threw) : take(result);
  } catch (cause) {
    return threw(cause);
  }
}

function withData(error: DeclaredError, data: unknown): DeclaredError {
  const { code, message, cause, stack } = error;
  const made = new DeclaredError(code, message, data, cause === undefined ? undefined : { cause });
  if (stack !== undefined) Object.defineProperty(made, "stack", { value: stack, writable: true, configurable: true });
  return errorOrigin(error) === "remote" ? markRemote(made) : made;
}
