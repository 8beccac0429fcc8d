import { codeFromWire, type Execution, markRemote, PluginError } from "../errors/mod.ts";
import { isRecord } from "./messages.ts";

const maxCauses = 4;
const maxTextLength = 16_384;

const classes: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What of a thrown error crosses. PROTOCOL.md §8.4. */
export interface ErrorBody {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly cause?: ErrorBody | { readonly value: unknown };
}

/** Describes what an implementation threw: an error by its parts, anything else as the value it is. */
export function describeThrown(thrown: unknown, depth = 0): ErrorBody | { readonly value: unknown } {
  if (!(thrown instanceof Error)) return { value: simple(thrown) };
  const code = (thrown as { code?: unknown }).code;
  return {
    name: text(thrown.name),
    message: text(thrown.message),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(thrown.cause === undefined || depth >= maxCauses ? {} : { cause: describeThrown(thrown.cause, depth + 1) }),
  };
}

/** Makes again what the other side threw. @param where Contract, method and plugin, for the stack. */
export function reviveThrown(body: unknown, where: string): unknown {
  if (!isRecord(body)) return markRemote(new Error(`the other side threw something that did not arrive (${where})`));
  if (!("name" in body)) return body.value;
  const { name, message, code, cause } = body;
  const Class = typeof name === "string" && Object.hasOwn(classes, name) ? classes[name]! : Error;
  const error = new Class(typeof message === "string" ? message : "");
  if (typeof name === "string" && error.name !== name) hidden(error, "name", name);
  if (typeof code === "string" || typeof code === "number") {
    Object.defineProperty(error, "code", { value: code, enumerable: true, writable: true, configurable: true });
  }
  if (cause !== undefined) hidden(error, "cause", reviveThrown(cause, where));
  hidden(error, "stack", `${error.name}: ${error.message}\n    at ${where}`);
  return markRemote(error);
}

/** What of a failure of Plugwire crosses. */
export function describeFailure(error: PluginError): Readonly<Record<string, unknown>> {
  const { code, message, execution, contract, method, path, issues } = error;
  const facts = { code, message: text(message), execution, contract, method, path, issues };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** Makes again a failure of Plugwire on the other side. */
export function reviveFailure(body: unknown): PluginError {
  const facts = isRecord(body) ? body : {};
  const string = (key: string): string | undefined => {
    const value = facts[key];
    return typeof value === "string" ? value : undefined;
  };
  const execution = string("execution");
  const issues = Array.isArray(facts.issues) ? facts.issues.filter(isIssue) : undefined;
  return markRemote(
    new PluginError(codeFromWire(facts.code).code, string("message") ?? "the other side did not say why", {
      execution: execution === "none" || execution === "done" ? (execution satisfies Execution) : "unknown",
      contract: string("contract"),
      method: string("method"),
      path: string("path"),
      issues,
      rawCode: codeFromWire(facts.code).rawCode,
    }),
  );
}

function isIssue(value: unknown): value is { message: string; path?: string } {
  return (
    isRecord(value) && typeof value.message === "string" && (value.path === undefined || typeof value.path === "string")
  );
}

function simple(value: unknown): unknown {
  if (typeof value === "string") return text(value);
  return typeof value === "function" || typeof value === "symbol" || typeof value === "object"
    ? text(describe(value))
    : value;
}

function describe(value: unknown): string {
  try {
    return typeof value === "object" ? (JSON.stringify(value) ?? "null") : String(value);
  } catch {
    // A cycle, or a toJSON that throws: what is left to say is its type.
    return `an ${typeof value} that could not be described`;
  }
}

/** A text that surely can be sent. */
function text(value: unknown): string {
  const string = typeof value === "string" ? value : String(value);
  return (string.length > maxTextLength ? `${string.slice(0, maxTextLength)} …` : string).toWellFormed();
}

function hidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}
