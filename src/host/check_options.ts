import * as v from "valibot";
import { checkOptions, type OptionRules, shownValue } from "../errors/check_options.ts";
import { isLingerTime, maxLingerMs, minOutputBytes } from "../handshake/mod.ts";
import { logLevels } from "../log/mod.ts";
import { checkSharedOptions, milliseconds, object, sharedRules, text, texts } from "../plugin/option_rules.ts";
import { providedFrom } from "./_provided.ts";
import type { AttachOptions, ConnectOptions, LaunchOptions } from "./options.ts";
import type { StopOptions } from "./plugin.ts";

const levels = logLevels.map((level) => JSON.stringify(level)).join(", ");
const logRule = `must be one of ${levels}, a function, or false`;
const contractRule = "must be a contract, as contract(…) gives it";
const namePart = (value: unknown): unknown => (value as { readonly name?: unknown } | null | undefined)?.name;
const isAborter = (value: unknown): boolean =>
  value instanceof AbortSignal || typeof (value as { readonly aborted?: unknown } | null)?.aborted === "boolean";
const isRunner = (value: unknown): boolean =>
  typeof (value as { readonly start?: unknown } | null)?.start === "function";
const isSink = (value: unknown): boolean =>
  typeof value === "function" || typeof (value as { readonly getWriter?: unknown } | null)?.getWriter === "function";

const inspectRule = 'must be true, false, "break", "wait", or an object with host, port and mode';
const isPort = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535;

const aboutName = "must be a string that is not empty";
const name = v.pipe(v.string(aboutName), v.minLength(1, aboutName));
const withoutNul = "must be a string without NUL";
const variable = v.custom((value) => typeof value === "string" && !value.includes("\0"), withoutNul);
const runner = v.custom(isRunner, "must be a runner, as processRunner() gives it");
const sink = v.custom(isSink, "must be a function or a WritableStream");

// Without a process there is no cookie.
const { handshake = object, ...sharedByAll } = sharedRules;

/** Options of whatever gives a plugin. */
export const connectRules: OptionRules = {
  ...sharedByAll,
  name,
  provide: v.custom(
    (value) => typeof value === "object" && value !== null,
    "must be an array, or an object of arrays by version",
  ),
  contracts: v.array(
    v.custom((value) => typeof namePart(value) === "string" && namePart(value) !== "", contractRule),
    "must be an array of contracts",
  ),
  signal: v.custom(isAborter, "must be an AbortSignal"),
};

/** Option of what has a log of its own. */
export const logRules: OptionRules = {
  log: v.custom((value) => value === false || typeof value === "function" || isLevel(value), logRule),
};

const aboutBytes = "must be a number of bytes above 0";
const aboutCount = "must be a whole number above 0";
const count = v.pipe(v.number(aboutCount), v.integer(aboutCount), v.minValue(1, aboutCount));

const resourceRules: OptionRules = {
  memoryBytes: v.pipe(v.number(aboutBytes), v.minValue(1, aboutBytes), v.finite(aboutBytes)),
  openFiles: count,
  cpuSeconds: count,
};

const launchRules: OptionRules = {
  ...connectRules,
  ...logRules,
  handshake,
  runner,
  // Whether it is one of the three is asked where the command is made: it has a code of its own.
  runtime: text,
  args: texts,
  env: v.record(
    v.custom<string>((key) => typeof key === "string" && /^[^=\0]+$/.test(key), "must have names without = and NUL"),
    variable,
    "must be an object of strings",
  ),
  inheritEnv: v.boolean("must be true or false"),
  cwd: name,
  permissions: texts,
  inspect: v.custom(isInspect, inspectRule),
  transport: v.picklist(["unix", "stdio"], 'must be "unix" or "stdio"'),
  stdin: v.picklist(["pipe", "inherit"], 'must be "pipe" or "inherit"'),
  resources: object,
  managed: v.boolean("must be true or false"),
  reattach: v.custom(isReattach, "must be true, false, or an object with lingerMs or maxOutputBytes"),
  startTimeoutMs: milliseconds,
  graceMs: milliseconds,
  stdout: sink,
  stderr: sink,
};

const inspectRules: OptionRules = {
  host: v.pipe(name, v.regex(/^[^\s/]*$/, "must be an address or the name of a host")),
  port: v.custom(isPort, "must be a port from 0 to 65535"),
  mode: v.picklist(["run", "break", "wait"], 'must be "run", "break" or "wait"'),
};

const attachRules: OptionRules = {
  ...connectRules,
  ...logRules,
  guest: v.boolean("must be true or false"),
  startTimeoutMs: milliseconds,
  graceMs: milliseconds,
  stdout: sink,
  stderr: sink,
};

const lingerRule = `must be a whole number of milliseconds from 0 to ${maxLingerMs}`;
const outputRule = `must be a whole number of bytes, at least ${minOutputBytes}`;
const reattachRules: OptionRules = {
  lingerMs: v.pipe(
    v.custom<number>((value) => typeof value === "number", lingerRule),
    v.check(isLingerTime, lingerRule),
  ),
  maxOutputBytes: v.pipe(
    v.custom<number>((value) => typeof value === "number", outputRule),
    v.check((bytes) => Number.isSafeInteger(bytes) && bytes >= minOutputBytes, outputRule),
  ),
};

function isReattach(value: unknown): boolean {
  return typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value));
}

function isInspect(value: unknown): boolean {
  if (typeof value === "boolean" || value === "break" || value === "wait") return true;
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLevel(value: unknown): boolean {
  return logLevels.some((level) => level === value);
}

/** Checks the options of `launch`. @throws TypeError and RangeError naming the option, its rule, and the value met. */
export function checkLaunchOptions(options: LaunchOptions): void {
  checkSharedOptions("launch", launchRules, options);
  checkVersionMap("launch", options);
  if (typeof options.inspect === "object") checkOptions("inspect of launch", inspectRules, options.inspect);
  checkOptions("resources of launch", resourceRules, options.resources ?? {});
  checkTerminal(options);
  checkReattach(options);
  providedFrom(options);
}

/** A list, as `serve` takes it, would give a plugin whose `contracts` have numbers for names. @throws TypeError for one. */
export function checkVersionMap(where: string, { versions = {} }: ConnectOptions): void {
  for (const [version, contracts] of Object.entries(versions)) {
    if (typeof contracts === "object" && contracts !== null && !Array.isArray(contracts)) continue;
    const rule = "must be an object of contracts, as in { greeter }";
    throw new TypeError(`version ${version} of option versions of ${where} ${rule}, not ${shownValue(contracts)}`);
  }
}

/** A plugin outlives its host only with a way to it that does so too. */
function checkReattach({ reattach, transport }: LaunchOptions): void {
  if (!reattach) return;
  if (transport === "stdio")
    throw new TypeError(
      'reattach of launch does not go with transport "stdio": the plugin\'s stdin ends with its host',
    );
  if (typeof reattach === "object") checkOptions("reattach of launch", reattachRules, reattach);
}

/** What a plugin that has the host's stdin cannot have as well. */
function checkTerminal({ stdin, transport, ...others }: LaunchOptions): void {
  if (stdin !== "inherit") return;
  if (transport === "stdio") {
    throw new TypeError('stdin "inherit" of launch does not go with transport "stdio": stdin carries the session then');
  }
  if (others.reattach) {
    throw new TypeError('stdin "inherit" of launch does not go with reattach: the terminal goes with its host');
  }
}

/** Checks the options of `stop`. @throws TypeError and RangeError, as for {@linkcode checkLaunchOptions}. */
export function checkStopOptions(options: StopOptions): void {
  checkOptions("stop", { graceMs: milliseconds }, options);
}

/** Checks the options of `attach` for a reattach info. @throws TypeError and RangeError, as for {@linkcode checkLaunchOptions}. */
export function checkAttachOptions(options: AttachOptions): void {
  checkSharedOptions("attach", attachRules, options);
  checkVersionMap("attach", options);
  const taken = (["stdout", "stderr"] as const).find((name) => options[name] !== undefined);
  if (options.guest === true && taken !== undefined)
    throw new TypeError(`${taken} of attach does not go with guest: output is the owner's alone`);
  providedFrom(options);
}

/** Checks the options of `attach` and `inProcess`. @throws TypeError and RangeError, as for {@linkcode checkLaunchOptions}. */
export function checkConnectOptions(where: "attach" | "inProcess", options: ConnectOptions): void {
  checkSharedOptions(where, connectRules, options);
  checkVersionMap(where, options);
  providedFrom(options);
}
