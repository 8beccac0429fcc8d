import { codeFromWire, type Execution, markRemote, PluginError } from "../errors/mod.ts";
import type { ValueCodec } from "../values/mod.ts";
import { isRecord } from "./messages.ts";

const maxCauses = 4;
const maxTextLength = 16_384;
const maxShortLength = 1_024;
const maxIssues = 50;
const maxIssueLength = 1_024;
/** A thrown value crosses as it is up to this size; past it, or when it cannot, as a text about it. */
const maxValueBytes = 16_384;

/** Stands for what cannot be described at all. */
export const undescribed = null;

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

/** What crosses of something thrown. */
export type ThrownBody = ErrorBody | { readonly value: unknown } | typeof undescribed;

/** Describes what an implementation threw: an error by its parts, anything else as the value it is. Never throws. */
export function describeThrown(thrown: unknown, codec: ValueCodec): ThrownBody {
  try {
    return describeAny(thrown, codec, 0);
  } catch {
    // A getter or a trap of what was thrown threw in its turn.
    return undescribed;
  }
}

function describeAny(thrown: unknown, codec: ValueCodec, depth: number): ErrorBody | { readonly value: unknown } {
  if (!(thrown instanceof Error)) return { value: simple(thrown, codec) };
  const { name, message, cause, code } = thrown as Error & { code?: unknown };
  return {
    name: text(name),
    message: text(message),
    ...(typeof code === "string" ? { code: text(code) } : typeof code === "number" ? { code } : {}),
    ...(cause === undefined || depth >= maxCauses ? {} : { cause: describeAny(cause, codec, depth + 1) }),
  };
}

/** Makes again what the other side threw. @param where Contract, method and plugin, for the stack. */
export function reviveThrown(body: unknown, where: string): unknown {
  if (!isRecord(body)) return markRemote(new Error(`the other side threw something that did not arrive (${where})`));
  if (!("name" in body)) {
    const { value } = body;
    return typeof value === "object" && value !== null ? markRemote(value) : value;
  }
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

/** As much of an error as any peer takes: its name or code, and the beginning of its message. */
export function shortened(body: unknown): unknown {
  if (!isRecord(body) || typeof body.message !== "string") return undescribed;
  const { name, code, execution } = body;
  const kept = { name, code, execution, message: text(`${body.message.slice(0, maxShortLength)} …`) };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

/** What of a failure of Plugwire crosses. */
export function describeFailure(error: PluginError): Readonly<Record<string, unknown>> {
  const { code, message, execution, contract, method, path, issues } = error;
  const facts = {
    code,
    message: text(message),
    execution,
    contract,
    method,
    path: path === undefined ? undefined : text(path, maxIssueLength),
    issues: issues?.slice(0, maxIssues).map((issue) => ({
      message: text(issue.message, maxIssueLength),
      ...(issue.path === undefined ? {} : { path: text(issue.path, maxIssueLength) }),
    })),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** Makes again a failure of Plugwire on the other side. @param plugin Name of the plugin, when that side is one. */
export function reviveFailure(body: unknown, plugin: string | undefined): PluginError {
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
      plugin,
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

function simple(value: unknown, codec: ValueCodec): unknown {
  if (typeof value === "string") return text(value);
  try {
    if (codec.encode(value).length <= maxValueBytes) return value;
  } catch {
    // It cannot cross as it is; what it looks like can.
  }
  return text(typeof value === "object" && value !== null ? describe(value) : value);
}

function describe(value: object): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle, or a toJSON that throws.
    return String(value);
  }
}

/** A text that surely can be sent. */
function text(value: unknown, maxLength = maxTextLength): string {
  const string = typeof value === "string" ? value : String(value);
  return (string.length > maxLength ? `${string.slice(0, maxLength)} …` : string).toWellFormed();
}

function hidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}
