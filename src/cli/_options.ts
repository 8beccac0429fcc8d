import { hint } from "../errors/near_miss.ts";
import { isVersion } from "../handshake/mod.ts";
import { type LogLevel, logLevels } from "../log/mod.ts";
import type { RuntimeName } from "../runtime/runtime.ts";
import { type CommandName, optionRules } from "./_option_rules.ts";
import { UsageError } from "./_usage_error.ts";

/** Options of a command, read. */
export interface Options {
  readonly json: boolean;
  readonly raw: boolean;
  readonly debug: boolean;
  readonly timeoutMs: number | undefined;
  readonly startTimeoutMs: number | undefined;
  readonly runtime: RuntimeName | undefined;
  readonly transport: "unix" | "stdio" | undefined;
  readonly protocol: number | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly cookieKey: string | undefined;
  readonly cookieValue: string | undefined;
  readonly log: LogLevel | false;
  readonly watch: readonly string[];
  readonly name: string | undefined;
  readonly inspect: boolean;
}

const maxTimeoutMs = 2 ** 31 - 1;

/**
 * Reads the options of a command.
 * @throws UsageError for one of another command, or a value that it cannot have.
 */
export function readOptions(given: ReadonlyMap<string, readonly string[]>, command: CommandName): Options {
  for (const { name, only } of optionRules) {
    if (only !== undefined && !only.includes(command) && given.has(name))
      throw new UsageError(`--${name} is for ${only.join(" and ")}`);
  }
  const last = (name: string): string | undefined => given.get(name)?.at(-1);
  const debug = given.has("debug");
  const log = oneOf("log", last("log"), [...logLevels, "off"]) ?? (debug ? "trace" : "info");
  if (given.has("raw") && given.has("json")) throw new UsageError("--raw and --json cannot both be");
  return {
    json: given.has("json"),
    raw: given.has("raw"),
    debug,
    timeoutMs: wholeNumber("timeout", last("timeout"), maxTimeoutMs),
    startTimeoutMs: wholeNumber("start-timeout", last("start-timeout"), maxTimeoutMs),
    runtime: oneOf("runtime", last("runtime"), ["node", "deno", "bun"]),
    transport: oneOf("transport", last("transport"), ["unix", "stdio"]),
    protocol: readProtocol(last("protocol")),
    args: given.get("arg") ?? [],
    env: Object.fromEntries((given.get("env") ?? []).map(readVariable)),
    cwd: last("cwd"),
    cookieKey: last("cookie-key"),
    cookieValue: last("cookie-value"),
    log: log === "off" ? false : log,
    watch: given.get("watch") ?? [],
    name: last("name"),
    inspect: given.has("inspect"),
  };
}

function oneOf<T extends string>(option: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} cannot be ${JSON.stringify(value)}${hint(value, allowed)}`);
}

function wholeNumber(option: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= max) return number;
  throw new UsageError(`--${option} must be a whole number from 1 to ${max}, not ${JSON.stringify(value)}`);
}

function readProtocol(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const version = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (isVersion(version)) return version;
  throw new UsageError(`--protocol must be the number of a protocol version, not ${JSON.stringify(value)}`);
}

function readVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0 && !text.includes("\0")) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--env must be KEY=VALUE, not ${JSON.stringify(text)}`);
}
