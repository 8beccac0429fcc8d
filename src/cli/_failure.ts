import { PluginError } from "../errors/mod.ts";
import { messageWithoutStderr } from "../output/mod.ts";
import { Threw } from "./_call.ts";
import { Interruption } from "./_interruption.ts";
import { toJsonValue } from "./_json_values.ts";
import { readable } from "./_readable.ts";
import { UsageError } from "./_usage_error.ts";
import { ExitCode } from "./exit_codes.ts";

/** How a command failed, for people and for programs. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** For stderr, without the last line's end; empty when there is nobody to tell. */
  readonly text: string;
  /** For stdout under `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Facts of a PluginError that programs may want. */
const facts = [
  "execution",
  "plugin",
  "contract",
  "method",
  "path",
  "issues",
  "exitCode",
  "signal",
  "exceeded",
  "stderr",
  "hostVersions",
  "pluginVersions",
  "errno",
] as const;
const maxCauses = 4;

/** How much is said of a failure. */
export interface FailureOptions {
  /** Shows the stack, too. */
  readonly debug: boolean;
  /** The lines of the plugin's stderr have been shown as log. */
  readonly showsLog: boolean;
}

/** What to say of anything that a command threw. */
export function failureOf(error: unknown, { debug, showsLog }: FailureOptions): Failure {
  const trace = debug && error instanceof Error ? `\n${stacks(error)}` : "";
  if (error instanceof Threw) return threw(error.thrown, trace);
  if (error instanceof UsageError) {
    const text = `plugwire: ${error.message}\n${usageHint}${trace}`;
    return { exitCode: ExitCode.usage, text, json: { kind: "usage", message: error.message } };
  }
  if (error instanceof Interruption) {
    const json = { kind: "interrupted", message: error.message };
    return { exitCode: error.exitCode, text: `plugwire: ${error.message}`, json };
  }
  if (error instanceof PluginError) {
    const known = facts.flatMap((name) => (error[name] === undefined ? [] : [[name, error[name]] as const]));
    const json = { kind: "plugwire", code: error.code, message: error.message, ...Object.fromEntries(known) };
    const message = showsLog ? messageWithoutStderr(error) : error.message;
    return { exitCode: ExitCode.failed, text: `plugwire: ${message}${trace}`, json };
  }
  const message = error instanceof Error ? error.message : String(error);
  const text = `plugwire: this is a bug of the command: ${message}${trace || "\n(--debug shows where)"}`;
  return { exitCode: ExitCode.internal, text, json: { kind: "internal", message } };
}

const usageHint = "plugwire --help shows how it is used";

function threw(thrown: unknown, trace: string): Failure {
  const json = { kind: "threw", ...describe(thrown, 0) };
  if (!(thrown instanceof Error)) return { exitCode: ExitCode.threw, text: `threw ${readable(thrown)}${trace}`, json };
  const lines = [oneError(thrown)];
  let cause = thrown.cause;
  for (let depth = 0; depth < maxCauses && cause !== undefined; depth++) {
    lines.push(`  caused by: ${cause instanceof Error ? oneError(cause) : readable(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return { exitCode: ExitCode.threw, text: lines.join("\n") + trace, json };
}

function oneError(error: Error): string {
  const code = codeOf(error);
  const text = error.message === "" ? error.name : `${error.name}: ${error.message}`;
  return code === undefined || error.message.includes(String(code)) ? text : `${text} (code ${code})`;
}

function codeOf(error: Error): string | number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

function describe(thrown: unknown, depth: number): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { value: toJsonValue(thrown) };
  const { name, message, cause } = thrown;
  const code = codeOf(thrown);
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined || depth >= maxCauses ? {} : { cause: describe(cause, depth + 1) }),
  };
}

function stacks(error: Error): string {
  const found: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < maxCauses && current instanceof Error; depth++) {
    found.push(current.stack ?? String(current));
    current = current.cause;
  }
  return found.join("\nCaused by: ");
}
