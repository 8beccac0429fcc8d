import type { Method, Shape } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { importedBehind } from "./imported.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What the contract says of the arguments that a call leaves with, by value; `undefined` when it says nothing. */
export function shapesOfArguments(
  spec: Method | undefined,
  args: readonly unknown[],
): ReadonlyMap<object, Shape> | undefined {
  if (spec?.shapes === undefined) return undefined;
  const shapes = new Map<object, Shape>();
  spec.shapes.forEach((shape, i) => {
    const value = args[i];
    if (shape !== undefined && isObject(value) && !shapes.has(value)) shapes.set(value, shape);
  });
  return shapes;
}

/** The same of a result. */
export function shapesOfResult(spec: Method | undefined, result: unknown): ReadonlyMap<object, Shape> | undefined {
  const shape = spec?.resultShape;
  return shape !== undefined && isObject(result) ? new Map([[result, shape]]) : undefined;
}

/** Tells the references among arguments that arrived what the contract says of them. @throws PluginError `invalid_argument` */
export function shapeArguments(session: RpcSession, spec: Method, args: readonly unknown[]): void {
  spec.shapes?.forEach((shape, i) => {
    if (shape !== undefined) shapeValue(session, shape, args[i], ErrorCode.invalidArgument, `args[${i}]`);
  });
}

/** The same of a result. @throws PluginError `invalid_result` */
export function shapeResult(session: RpcSession, spec: Method, result: unknown): void {
  if (spec.resultShape !== undefined) {
    shapeValue(session, spec.resultShape, result, ErrorCode.invalidResult, "result");
  }
}

function shapeValue(session: RpcSession, shape: Shape, value: unknown, code: ErrorCode, path: string): void {
  if (!isObject(value)) return;
  const complain = (message: string): PluginError =>
    new PluginError(code, `${path}: ${message}`, { path, issues: [{ message, path }] });
  const imported = importedBehind(value);
  if (imported !== undefined) {
    const complaint = imported.shaped?.(shape, code === ErrorCode.invalidArgument ? "caller" : "implementation");
    if (complaint !== undefined) throw complain(complaint);
  } else if (shape.kind === "reference" && !session.references.exports.has(value)) {
    throw complain("Expected an object by reference but received a copy");
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
