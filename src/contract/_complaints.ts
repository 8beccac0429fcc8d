import { ErrorCode, PluginError } from "../errors/mod.ts";
import { formatKey } from "../values/mod.ts";
import { DeclaredError } from "./declared_error.ts";
import type { SchemaResult } from "./standard_schema.ts";

/** Which method is checked, for errors. */
export interface CallPlace {
  readonly contract: string;
  readonly method: string;
}

/** One thing that is wrong, and where. */
export interface Issue {
  readonly message: string;
  readonly path: string;
}

/** What a schema found, with whole paths from `root`: `args[0].options.filter`. */
export function readIssues(root: string, result: SchemaResult<unknown>): readonly Issue[] {
  if (result.issues === undefined) return [];
  return result.issues.map(({ message, path = [] }) => {
    // Not path.map: arktype's paths are a subclass of Array whose map() makes an item out of an empty one.
    const keys = Array.from(path, (step) => (typeof step === "object" ? step.key : step));
    return { message, path: keys.reduce<string>((text, key) => text + formatKey(key), root) };
  });
}

const maxDescribed = 5;

/** What is wrong, in one line. */
export function describe(issues: readonly Issue[]): string {
  const shown = issues.slice(0, maxDescribed).map(({ path, message }) => `${path}: ${message}`);
  if (issues.length > maxDescribed) shown.push(`and ${issues.length - maxDescribed} more`);
  return shown.join("; ");
}

function nameOf(place: CallPlace): string {
  return `${place.contract}.${place.method}`;
}

/** For arguments that the schemas refuse. */
export function invalidArgument(place: CallPlace, issues: readonly Issue[]): PluginError {
  const message = `the caller of ${nameOf(place)} passed what the contract does not allow: ${describe(issues)}`;
  return new PluginError(ErrorCode.invalidArgument, message, { ...place, path: issues[0]?.path, issues });
}

/** For a result that the schema refuses. */
export function invalidResult(place: CallPlace, issues: readonly Issue[]): PluginError {
  const message = `the implementation of ${nameOf(place)} gave a result that the contract does not allow: ${describe(issues)}`;
  return new PluginError(ErrorCode.invalidResult, message, { ...place, path: issues[0]?.path, issues });
}

/** For the data of a declared error that its schema refuses. */
export function invalidError(place: CallPlace, error: DeclaredError, issues: readonly Issue[]): PluginError {
  const message = `the implementation of ${nameOf(place)} threw ${error.code} with data that the contract does not allow: ${describe(issues)}`;
  return new PluginError(ErrorCode.invalidResult, message, { ...place, path: issues[0]?.path, issues, cause: error });
}

/** For more arguments than there are schemas. */
export function tooMany(place: CallPlace, expected: number, got: number): PluginError {
  const message = `expected ${expected} argument${expected === 1 ? "" : "s"}, got ${got}`;
  const path = `args[${expected}]`;
  return new PluginError(
    ErrorCode.invalidArgument,
    `the caller of ${nameOf(place)} passed what the contract does not allow: ${message}`,
    { ...place, path, issues: [{ message, path }] },
  );
}

/**
 * For a schema that failed itself, which is the fault of neither side's values.
 *
 * @param of Index of the argument, the declared error, or `undefined` for the result.
 */
export function schemaThrew(place: CallPlace, of: number | DeclaredError | undefined, cause: unknown): PluginError {
  const path = of === undefined ? "result" : typeof of === "number" ? `args[${of}]` : "data";
  const what = of instanceof DeclaredError ? `the data of ${of.code}` : path;
  const message = cause instanceof Error ? cause.message : String(cause);
  const text = `the schema of ${what} of ${nameOf(place)} threw: ${message}`;
  return new PluginError(ErrorCode.internal, text, { ...place, path, cause });
}
