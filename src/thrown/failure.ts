import { codeFromWire, ErrorCode, type Execution, markRemote, PluginError } from "../errors/mod.ts";
import { isRecord } from "../values/mod.ts";
import { cut, presentStack } from "./error_text.ts";

const maxIssues = 50;
const maxIssueLength = 1_024;

/** What a peer may say that went wrong there. How processes and connections fail is for this side alone to tell. */
const codesOfCalls: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.limit,
  ErrorCode.draining,
  ErrorCode.timeout,
  ErrorCode.cancelled,
  ErrorCode.refused,
  ErrorCode.noSuchContract,
  ErrorCode.noSuchMethod,
  ErrorCode.invalidArgument,
  ErrorCode.invalidResult,
  ErrorCode.unsupportedValue,
  ErrorCode.tooLarge,
  ErrorCode.badMessage,
  ErrorCode.internal,
]);

/** What of a failure of Plugwire crosses. PROTOCOL.md §8.4. */
export function describeFailure(error: PluginError): Readonly<Record<string, unknown>> {
  const { code, message, execution, contract, method, path, issues } = error;
  const facts = {
    code,
    message: cut(message),
    execution,
    contract,
    method,
    path: path === undefined ? undefined : cut(path, maxIssueLength),
    issues: issues?.slice(0, maxIssues).map((issue) => ({
      message: cut(issue.message, maxIssueLength),
      ...(issue.path === undefined ? {} : { path: cut(issue.path, maxIssueLength) }),
    })),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/**
 * Makes again a failure of Plugwire on the other side.
 *
 * @param where Contract, method and peer, for the stack. @param plugin Name of the plugin, when that side is one.
 */
export function reviveFailure(body: unknown, where: string, plugin: string | undefined): PluginError {
  const facts = isRecord(body) ? body : {};
  const string = (key: string): string | undefined => {
    const value = facts[key];
    return typeof value === "string" ? value : undefined;
  };
  const execution = string("execution");
  const issues = Array.isArray(facts.issues) ? facts.issues.filter(isIssue) : undefined;
  const error = new PluginError(codeOf(facts.code), string("message") ?? "the other side did not say why", {
    execution: execution === "none" || execution === "done" ? (execution satisfies Execution) : "unknown",
    plugin,
    contract: string("contract"),
    method: string("method"),
    path: string("path"),
    issues,
    rawCode: codeOf(facts.code) === ErrorCode.unknown ? String(facts.code) : undefined,
  });
  presentStack(error, "", where);
  return markRemote(error);
}

function codeOf(raw: unknown): ErrorCode {
  const { code } = codeFromWire(raw);
  return codesOfCalls.has(code) ? code : ErrorCode.unknown;
}

function isIssue(value: unknown): value is { message: string; path?: string } {
  return (
    isRecord(value) && typeof value.message === "string" && (value.path === undefined || typeof value.path === "string")
  );
}
