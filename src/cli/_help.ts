import { type CommandName, type OptionRule, optionRules } from "./_option_rules.ts";

const intro: Readonly<Record<CommandName, string>> = {
  describe: `plugwire describe PLUGIN [options]

Starts a plugin, prints what it serves, and stops it.

PLUGIN is a script (.ts, .js and the like), an executable, or the name of a program.`,
  call: `plugwire call PLUGIN CONTRACT.METHOD [ARGS…] [options]

Starts a plugin, calls one method, prints what it gave, and stops the plugin.

PLUGIN is a script (.ts, .js and the like), an executable, or the name of a program.
Each of ARGS is JSON, or else a text: 5 is a number, hello a text, --string 5 the
text 5. What JSON cannot say: {"$bytes": "BASE64"}, {"$bigint": "123"},
{"$date": "2026-01-31T12:00:00Z"}. Where the contract says bytes, - is stdin. After --
nothing is an option any more. Of a stream each item is printed as it comes, bytes raw.`,
  dev: `plugwire dev PLUGIN [options] [-- HOST COMMAND]

Runs a plugin for hosts that you start, and runs it anew whenever its files change.
It prints a line to put before a host's command, which then joins this plugin in place of
starting one; the line stays good. A plugin that does not start leaves the one before.

PLUGIN is a script (.ts, .js and the like), an executable, or the name of a program.
After -- stands the command of a host, which is started with the plugin, and anew with
each new one. Watched is the directory of the script, but for node_modules.`,
};

const examples: Readonly<Record<CommandName, string>> = {
  describe: `Examples:
  plugwire describe ./plugin.ts
  plugwire describe ./plugin.ts --runtime deno --json`,
  call: `Examples:
  plugwire call ./plugin.ts greeter.greet World
  plugwire call ./plugin.ts calculator.add 1 -2
  plugwire call ./plugin.ts files.read notes.txt --raw > notes.txt`,
  dev: `Examples:
  plugwire dev ./plugin.ts
  plugwire dev ./plugin.ts --watch ../contracts -- node host.ts`,
};

const exitCodes = `Exit codes: 0 done, 1 the call threw, 2 wrong usage, 3 Plugwire failed, 70 a bug of the
command, 130 and 143 ended by Ctrl-C or SIGTERM, 141 whoever read the output is gone.`;

/** The help of the command as a whole. */
export function commandHelp(): string {
  return `plugwire COMMAND [options]

Looks at a Plugwire plugin, and calls it from a shell.

Commands:
  describe PLUGIN                       prints what a plugin serves
  call PLUGIN CONTRACT.METHOD [ARGS…]   calls one method and prints what it gave
  dev PLUGIN [-- HOST COMMAND]          runs a plugin to be worked on, and reloads it

  plugwire COMMAND --help shows the options; plugwire --version prints the version.

${exitCodes}
`;
}

/** The help of one command. */
export function helpOf(command: CommandName): string {
  const rules = optionRules.filter(({ only }) => only === undefined || only.includes(command));
  const names = rules.map(spelled);
  const width = Math.max(...names.map((name) => name.length));
  const lines = rules.map(({ help }, index) => `  ${names[index]!.padEnd(width)}  ${help}`);
  return `${intro[command]}\n\nOptions:\n${lines.join("\n")}\n\n${examples[command]}\n\n${exitCodes}\n`;
}

function spelled({ name, short, value }: OptionRule): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}
