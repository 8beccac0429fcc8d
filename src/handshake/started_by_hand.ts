import type { RuntimeName } from "../runtime/runtime.ts";
import { type Cookie, defaultCookie } from "./cookie.ts";
import { DebugVariable } from "./variables.ts";

/** Exit code of a plugin that was started by hand. */
export const startedByHandExitCode = 1;

/** What {@linkcode startedByHand} tells of. */
export interface StartedByHandOptions {
  /** The contracts served, with the names of their methods. */
  readonly contracts: readonly { readonly name: string; readonly methods: readonly string[] }[];
  /** The plugin as one would name it to the `plugwire` command: path of the script or executable. */
  readonly command: string;
  /** What runs it: the `plugwire` command is started in the way of that runtime. Default `node`. */
  readonly runtime?: RuntimeName;
  /** The plugin's cookie: the command has to be told one that is not the default. */
  readonly cookie?: Cookie;
  /** A call that would work. Default: the first method, with a word for its arguments. */
  readonly example?: ExampleCall;
  /** True when the cookie was there with another value: the message then names its variable. */
  readonly isDifferent?: boolean;
}

/** A call for somebody to try. */
export interface ExampleCall {
  readonly contract: string;
  readonly method: string;
  /** As they stand on a command line, before they are quoted for a shell. */
  readonly args: readonly string[];
}

// By the package's name: whoever has it not installed must not be given another one that is called plugwire.
const commandOf: Readonly<Record<RuntimeName, string>> = {
  node: "npx @plugwire/plugwire",
  deno: "deno run -A jsr:@plugwire/plugwire/cli",
  bun: "bunx --bun @plugwire/plugwire",
};

/**
 * The text for a person who started a plugin by hand: what it is, what it serves, and the lines to try it with. It
 * goes to stderr, and the process ends with {@linkcode startedByHandExitCode}.
 *
 * @returns Several lines with a newline at the end.
 */
export function startedByHand(options: StartedByHandOptions): string {
  const { contracts, command, runtime = "node", cookie = defaultCookie, isDifferent = false } = options;
  const lines = ["This is a Plugwire plugin: a program starts it and calls it. On its own it does nothing.", ""];
  if (isDifferent) {
    const rule = "host and plugin must have the same cookieValue in their handshake options";
    lines.push(`A program did start it, but ${cookie.key} has another value than this plugin expects: ${rule}.`, "");
  }
  lines.push(contracts.length === 0 ? "It serves no contract." : "It serves:");
  const width = Math.max(0, ...contracts.map(({ name }) => name.length));
  for (const { name, methods } of contracts) lines.push(`  ${name.padEnd(width)}  ${methods.join(", ")}`.trimEnd());
  const line = (subcommand: string, ...words: readonly string[]): void => {
    const all = [command, ...words, ...cookieWords(cookie)].map(shellQuote);
    lines.push(`  ${commandOf[runtime]} ${subcommand} ${all.join(" ")}`);
  };
  lines.push("", `To debug it: with ${DebugVariable.debug}=1 in its environment it waits for programs that you start.`);
  lines.push("", "Try it:");
  line("describe");
  const example = options.example ?? firstMethod(contracts);
  if (example !== undefined) line("call", `${example.contract}.${example.method}`, ...example.args);
  return `${lines.join("\n")}\n`;
}

function firstMethod(contracts: StartedByHandOptions["contracts"]): ExampleCall | undefined {
  const first = contracts.find(({ methods }) => methods.length > 0);
  return first && { contract: first.name, method: first.methods[0]!, args: ["ARGUMENTS"] };
}

function cookieWords({ key, value }: Cookie): readonly string[] {
  const words: string[] = [];
  if (key !== defaultCookie.key) words.push(`--cookie-key=${key}`);
  if (value !== defaultCookie.value) words.push(`--cookie-value=${value}`);
  return words;
}

function shellQuote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
