import type { RuntimeName } from "../runtime/runtime.ts";

/** How a plugin's debugger listens. */
export interface InspectOptions {
  /** Address to listen on. Default `127.0.0.1`. Whoever reaches it can run anything in the plugin. */
  readonly host?: string;
  /** Port to listen on. Default 0: a free one. */
  readonly port?: number;
  /**
   * What the plugin does first: `run` (default), `wait` until a debugger is there, or `break` at its first statement, which waits
   * too.
   */
  readonly mode?: "run" | "break" | "wait";
}

/** What the option `inspect` may be: whether there is a debugger at all, its mode, or all of it. */
export type InspectOption = boolean | "break" | "wait" | InspectOptions;

/** The same with all that was left out; `undefined` without a debugger. */
export function inspectFrom(option: InspectOption | undefined): Required<InspectOptions> | undefined {
  if (option === undefined || option === false) return undefined;
  const given: InspectOptions = option === true ? {} : typeof option === "string" ? { mode: option } : option;
  const { host = "127.0.0.1", port = 0, mode = "run" } = given;
  return { host, port, mode };
}

// All three runtimes spell them alike.
const flags = { run: "--inspect", break: "--inspect-brk", wait: "--inspect-wait" } as const;

/** The flag that has a runtime's debugger listen. */
export function inspectFlag({ host, port, mode }: Required<InspectOptions>): string {
  return `${flags[mode]}=${host.includes(":") ? `[${host}]` : host}:${port}`;
}

// Node and Deno say it in one line; Bun in a box, below a heading.
const announced = /(?:Debugger listening on|Listening:)\s+(wss?:\/\/\S+)\s/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
const colours = /\u001b\[[\d;]*m/g;

/**
 * Finds where the debugger listens in the beginning of a plugin's stderr.
 *
 * @returns `undefined` while it has not been said.
 */
export function findInspectorUrl(stderr: string): string | undefined {
  return announced.exec(stderr.replaceAll(colours, ""))?.[1];
}

/** What runs scripts with a debugger, for a message about one that is not run by Plugwire. */
export function inspectByHand(runtime: RuntimeName): string {
  return runtime === "deno"
    ? `["deno", "run", "-A", "--inspect", "plugin.ts"]`
    : `["${runtime}", "--inspect", "plugin.ts"]`;
}
