import { type CallPlace, invalidArgument, invalidResult, readIssues, schemaThrew, tooMany } from "./_complaints.ts";
import type { Method } from "./method.ts";
import type { SchemaResult, StandardSchema } from "./standard_schema.ts";

type Checked = SchemaResult<unknown>;

/**
 * Checks the arguments of a call against the schemas of its method.
 *
 * @param args What the caller passed. Arguments left out at the end are checked as `undefined`.
 * @returns The arguments as the schemas give them (transforms and defaults applied): the same array when nothing changed;
 * a promise only when a schema gave one.
 * @throws PluginError `invalid_argument` with all issues (or rejects with it); `internal` when a schema throws.
 */
export function checkArguments(
  method: Method,
  args: readonly unknown[],
  place: CallPlace,
): readonly unknown[] | Promise<readonly unknown[]> {
  const schemas = method.args;
  const count = schemas.length;
  if (args.length > count) throw tooMany(place, count, args.length);
  let checked: unknown[] | undefined;
  for (let i = 0; i < count; i++) {
    const argument = args[i];
    const result = validate(schemas[i]!, argument, place, i);
    if (isPromise(result) || result.issues !== undefined) return checkSlowly(schemas, args, place, i, result, checked);
    if (result.value === argument) continue;
    checked ??= args.slice();
    put(checked, i, result.value);
  }
  return checked ?? args;
}

/** From the first failure or promise on: all schemas are asked, so that all issues are told at once. */
function checkSlowly(
  schemas: readonly StandardSchema[],
  args: readonly unknown[],
  place: CallPlace,
  from: number,
  first: Checked | Promise<Checked>,
  before: readonly unknown[] | undefined,
): readonly unknown[] | Promise<readonly unknown[]> {
  const results: (Checked | Promise<Checked>)[] = [first];
  try {
    for (let i = from + 1; i < schemas.length; i++) results.push(validate(schemas[i]!, args[i], place, i));
  } catch (error) {
    // Those under way end on their own; a rejection that nobody awaits would end the process.
    for (const result of results) if (isPromise(result)) Promise.resolve(result).catch(() => {});
    throw error;
  }
  const finish = (settled: readonly Checked[]): readonly unknown[] => {
    const issues = settled.flatMap((result, i) => readIssues(`args[${from + i}]`, result));
    if (issues.length > 0) throw invalidArgument(place, issues);
    const checked = (before ?? args).slice();
    settled.forEach((result, i) => {
      if (result.issues === undefined) put(checked, from + i, result.value);
    });
    return checked;
  };
  if (!results.some(isPromise)) return finish(results as Checked[]);
  const awaited = results.map((result, i) =>
    isPromise(result)
      ? Promise.resolve(result).catch((error: unknown) => Promise.reject(schemaThrew(place, from + i, error)))
      : result,
  );
  return Promise.all(awaited).then(finish);
}

/**
 * Checks what a method gave against the schema of its result.
 *
 * @returns The result as the schema gives it, or a promise of it when the schema gave one; `undefined` for a method
 * without one.
 * @throws PluginError `invalid_result` with all issues (or rejects with it); `internal` when the schema throws.
 */
export function checkResult(method: Method, result: unknown, place: CallPlace): unknown {
  if (method.returns === undefined) return undefined;
  const checked = validate(method.returns, result, place, undefined);
  if (isPromise(checked)) {
    return Promise.resolve(checked).then(
      (settled) => takeResult(settled, place),
      (error: unknown) => Promise.reject(schemaThrew(place, undefined, error)),
    );
  }
  if (checked.issues === undefined) return checked.value;
  return takeResult(checked, place);
}

function takeResult(checked: Checked, place: CallPlace): unknown {
  if (checked.issues === undefined) return checked.value;
  throw invalidResult(place, readIssues("result", checked));
}

/** Arguments left out stay left out unless a schema gives them a value. */
function put(args: unknown[], index: number, value: unknown): void {
  if (value === undefined && index >= args.length) return;
  while (args.length < index) args.push(undefined);
  args[index] = value;
}

function validate(
  schema: StandardSchema,
  value: unknown,
  place: CallPlace,
  index: number | undefined,
): Checked | Promise<Checked> {
  try {
    return schema["~standard"].validate(value);
  } catch (error) {
    throw schemaThrew(place, index, error);
  }
}

/** Not `instanceof`: a schema library may bring its own promises. */
function isPromise(result: Checked | Promise<Checked>): result is Promise<Checked> {
  return typeof (result as Promise<Checked>).then === "function";
}
