import * as v from "valibot";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Address } from "../runtime/runtime.ts";
import { secretBytes } from "./environment.ts";
import type { ReattachInfo } from "./reattach_info.ts";
import { DebugVariable } from "./variables.ts";

/**
 * Where a plugin is that somebody debugs. It may be started anew under the same address, so that nothing is asked of its
 * process; else it is a {@linkcode ReattachInfo}.
 */
export interface DebuggedPlugin {
  /** Where it listens. */
  readonly address: Address;
  /** 64 hexadecimal digits. */
  readonly secret: string;
}

const secretForm = new RegExp(`^[0-9a-f]{${secretBytes * 2}}$`, "i");
const place = v.object({
  address: v.variant("network", [
    v.object({ network: v.literal("unix"), path: v.pipe(v.string(), v.startsWith("/", "must be an absolute path")) }),
    v.object({
      network: v.literal("tcp"),
      host: v.pipe(v.string(), v.minLength(1)),
      port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
    }),
  ]),
  secret: v.pipe(v.string(), v.regex(secretForm, `must be ${secretBytes * 2} hexadecimal digits`)),
});
const schema = v.record(v.string(), place, "must be an object of plugins by name");

/**
 * Checks what is to be a {@linkcode DebuggedPlugin}. Keys that it does not know are left out.
 *
 * @throws TypeError that names what is wrong; never with a value, among which the secret is.
 */
export function parseDebugged(value: unknown): DebuggedPlugin {
  const result = v.safeParse(place, value);
  if (result.success) return result.output as DebuggedPlugin;
  throw new TypeError(`this is no way to a plugin that is debugged: ${faultOf(result.issues[0])}`);
}

/**
 * Reads `PLUGWIRE_REATTACH`: the plugins that a host is to join in place of starting them, by name.
 *
 * @returns `undefined` when there are none.
 * @throws PluginError `bad_handshake` that names the variable and what is wrong; never with a value, among which secrets are.
 */
export function readDebugged(value: string | undefined): Readonly<Record<string, DebuggedPlugin>> | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const fail = (what: string): PluginError =>
    new PluginError(
      ErrorCode.badHandshake,
      `${DebugVariable.reattach} cannot be read: ${what}; take the whole line that the plugin printed, with its quotes, or unset it`,
      { execution: "none" },
    );
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    // What is wrong with it would quote it.
    throw fail("it is no JSON");
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output as Readonly<Record<string, DebuggedPlugin>>;
  throw fail(faultOf(result.issues[0]));
}

function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
  const rule = issue.message.replace(/ but received .*/s, "");
  return `wrong at ${path === "" ? "its root" : path}: ${rule}`;
}

/** The line that tells a host of debugged plugins, ready for a shell: what is printed for a person to put before a command. */
export function debuggedLine(plugins: Readonly<Record<string, DebuggedPlugin | ReattachInfo>>): string {
  return `${DebugVariable.reattach}='${JSON.stringify(plugins).replaceAll("'", "'\\''")}'`;
}

/**
 * The plugins of a line that {@linkcode debuggedLine} made.
 *
 * @returns `undefined` for any other line.
 */
export function parseDebuggedLine(line: string): Readonly<Record<string, DebuggedPlugin>> | undefined {
  const start = `${DebugVariable.reattach}='`;
  const text = line.trimEnd();
  if (!text.startsWith(start) || !text.endsWith("'")) return undefined;
  return readDebugged(text.slice(start.length, -1).replaceAll("'\\''", "'"));
}
