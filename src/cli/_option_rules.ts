/** The commands there are. */
export const commands = ["describe", "call", "dev"] as const;

/** The name of one of them. */
export type CommandName = (typeof commands)[number];

/** One option of the command line. */
export interface OptionRule {
  /** Without the dashes. */
  readonly name: string;
  /** A letter that stands for it. */
  readonly short?: string;
  /** What its value is called; without one it is on or off. */
  readonly value?: string;
  /** One line for the help. */
  readonly help: string;
  /** The commands that take it. Default: all. */
  readonly only?: readonly CommandName[];
}

/** Its value is an argument of the call, in its place among the others. */
export const textOption = "string";

/** All options, in the order of the help. */
export const optionRules: readonly OptionRule[] = [
  {
    name: textOption,
    short: "s",
    value: "TEXT",
    only: ["call"],
    help: "an argument of the call that is this text, even where it is JSON",
  },
  { name: "watch", value: "PATH", only: ["dev"], help: "a file or directory to watch as well; may be repeated" },
  { name: "name", value: "NAME", only: ["dev"], help: "what hosts call the plugin (default: the name of its file)" },
  { name: "inspect", only: ["dev"], help: "have the debugger of the plugin's runtime listen, on a free port" },
  { name: "json", only: ["describe", "call"], help: "print one line of JSON, also of an error" },
  { name: "raw", only: ["call"], help: "print bytes or a string as they are, with nothing added" },
  { name: "timeout", value: "MS", only: ["call"], help: "time for the call (default: no limit)" },
  { name: "start-timeout", value: "MS", help: "time for the plugin's start (default: 10000)" },
  { name: "runtime", value: "NAME", help: "what runs a script: node, deno or bun (default: what runs this command)" },
  {
    name: "transport",
    value: "NAME",
    only: ["describe", "call"],
    help: "how it is reached: unix or stdio (default: unix)",
  },
  {
    name: "protocol",
    value: "N",
    only: ["describe", "call"],
    help: "the one protocol version to speak (default: the plugin's newest)",
  },
  { name: "arg", value: "ARG", help: "an argument of the plugin's process; may be repeated" },
  { name: "env", value: "KEY=VALUE", help: "a variable of its environment; may be repeated" },
  { name: "cwd", value: "DIRECTORY", help: "its working directory" },
  {
    name: "cookie-key",
    value: "NAME",
    only: ["describe", "call"],
    help: "the variable of its cookie, where it has one of its own",
  },
  { name: "cookie-value", value: "VALUE", only: ["describe", "call"], help: "the value of that cookie" },
  {
    name: "log",
    value: "LEVEL",
    only: ["describe", "call"],
    help: "what of its log goes to stderr: trace, debug, info, warn, error, off (info)",
  },
  { name: "debug", help: "log everything, and show where in Plugwire an error arose" },
  { name: "help", short: "h", help: "show this" },
  { name: "version", help: "print the version of Plugwire" },
];
