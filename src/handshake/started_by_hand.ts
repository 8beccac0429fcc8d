import type { Cookie } from "./cookie.ts";

/** Exit code of a plugin that was started by hand. */
export const startedByHandExitCode = 1;

/** What {@linkcode startedByHand} tells of. */
export interface StartedByHandOptions {
  /** The contracts served, with the names of their methods. */
  readonly contracts: readonly { readonly name: string; readonly methods: readonly string[] }[];
  /** The plugin as one would name it to the `plugwire` command: path of the script or executable. */
  readonly command: string;
  /** Given when the cookie was there with another value: the message then names its variable. */
  readonly different?: Cookie;
}

/**
 * The text for a person who started a plugin by hand: what it is, what it serves, and the line to try it with. It
 * goes to stderr, and the process ends with {@linkcode startedByHandExitCode}.
 *
 * @returns Several lines with a newline at the end.
 */
export function startedByHand({ contracts, command, different }: StartedByHandOptions): string {
  const lines = ["This is a Plugwire plugin: a program starts it and calls it. On its own it does nothing.", ""];
  if (different !== undefined) {
    const rule = "host and plugin must have the same cookieValue in their handshake options";
    lines.push(`A program did start it, but ${different.key} has another value than this plugin expects: ${rule}.`, "");
  }
  lines.push(contracts.length === 0 ? "It serves no contract." : "It serves:");
  const width = Math.max(0, ...contracts.map(({ name }) => name.length));
  for (const { name, methods } of contracts) lines.push(`  ${name.padEnd(width)}  ${methods.join(", ")}`.trimEnd());
  const quoted = shellQuote(command);
  const first = contracts.find(({ methods }) => methods.length > 0);
  lines.push("", first ? "Try it:" : "See it:");
  lines.push(
    first
      ? `  npx plugwire call ${quoted} ${first.name}.${first.methods[0]} ARGUMENTS`
      : `  npx plugwire describe ${quoted}`,
  );
  return `${lines.join("\n")}\n`;
}

function shellQuote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
