import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type CallPlace, describe, type Issue, readIssues } from "./_complaints.ts";
import type { SchemaResult, StandardSchema } from "./standard_schema.ts";

/** Where a stream is that a contract describes. */
export interface StreamPlace extends CallPlace {
  /** Whether the caller passed it, or the implementation gave it. */
  readonly from: "caller" | "implementation";
}

/**
 * Checks an item of a stream against the schema that its contract has for it.
 *
 * @param index Number of the item, from 0.
 * @returns The item as the schema gives it, or a promise of it when the schema gave one.
 * @throws PluginError `invalid_argument` or `invalid_result` with all issues (or rejects with it); `internal` when the schema throws.
 */
export function checkItem(schema: StandardSchema, item: unknown, index: number, place: StreamPlace): unknown {
  let result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>;
  try {
    result = schema["~standard"].validate(item);
  } catch (error) {
    throw threw(index, place, error);
  }
  if (typeof (result as Promise<unknown>).then !== "function")
    return take(result as SchemaResult<unknown>, index, place);
  return Promise.resolve(result).then(
    (settled) => take(settled, index, place),
    (error: unknown) => Promise.reject(threw(index, place, error)),
  );
}

function take(result: SchemaResult<unknown>, index: number, place: StreamPlace): unknown {
  if (result.issues === undefined) return result.value;
  throw invalidItem(readIssues(`item[${index}]`, result), place);
}

function invalidItem(issues: readonly Issue[], { contract, method, from }: StreamPlace): PluginError {
  const name = `${contract}.${method}`;
  const who = from === "caller" ? `the caller of ${name} passed` : `the implementation of ${name} gave`;
  const code = from === "caller" ? ErrorCode.invalidArgument : ErrorCode.invalidResult;
  const text = `${who} a stream with an item that the contract does not allow: ${describe(issues)}`;
  return new PluginError(code, text, { contract, method, path: issues[0]?.path, issues });
}

function threw(index: number, { contract, method }: StreamPlace, cause: unknown): PluginError {
  const path = `item[${index}]`;
  const message = cause instanceof Error ? cause.message : String(cause);
  const text = `the schema of the items of a stream of ${contract}.${method} threw at ${path}: ${message}`;
  return new PluginError(ErrorCode.internal, text, { contract, method, path, cause });
}
