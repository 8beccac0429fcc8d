import { nearest } from "../errors/near_miss.ts";
import { type OptionRule, textOption } from "./_option_rules.ts";
import { UsageError } from "./_usage_error.ts";

/** What stands on the command line beside options. */
export interface Word {
  readonly text: string;
  /** True when it is a text whatever it looks like. */
  readonly isText: boolean;
}

/** A command line, taken apart. */
export interface CommandLine {
  readonly words: readonly Word[];
  /** The values of each option that was given, in their order; of one without a value, empty strings. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** How many of the words stand before `--`. */
  readonly wordsBefore: number;
}

/** `-1`, `-.5`: no option is called like that. */
const negativeNumber = /^-\.?\d/;

/**
 * Takes a command line apart. Options may stand anywhere; what follows `--` are words.
 *
 * @throws UsageError for an option that does not exist, or one with a value too many or too few.
 */
export function parseCommandLine(args: readonly string[], rules: readonly OptionRule[]): CommandLine {
  const words: Word[] = [];
  const options = new Map<string, string[]>();
  let wordsBefore: number | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === "--") {
      wordsBefore = words.length;
      for (const text of args.slice(at + 1)) words.push({ text, isText: false });
      break;
    }
    if (!arg.startsWith("-") || arg === "-" || negativeNumber.test(arg)) {
      words.push({ text: arg, isText: false });
      continue;
    }
    const { rule, attached } = findRule(arg, rules);
    let value = attached;
    if (rule.value === undefined && value !== undefined) throw new UsageError(`--${rule.name} takes no value`);
    if (rule.value !== undefined && value === undefined) {
      value = args[++at];
      checkValue(rule, value);
    }
    if (rule.name === textOption) words.push({ text: value ?? "", isText: true });
    else options.set(rule.name, [...(options.get(rule.name) ?? []), value ?? ""]);
  }
  return { words, options, wordsBefore: wordsBefore ?? words.length };
}

function findRule(arg: string, rules: readonly OptionRule[]): { rule: OptionRule; attached: string | undefined } {
  const equals = arg.indexOf("=");
  const spelled = equals < 0 ? arg : arg.slice(0, equals);
  const attached = equals < 0 ? undefined : arg.slice(equals + 1);
  const rule = rules.find(({ name, short }) => spelled === `--${name}` || spelled === `-${short}`);
  if (rule !== undefined) return { rule, attached };
  const near = nearest(
    spelled.replace(/^-+/, ""),
    rules.map(({ name }) => name),
  );
  const meant = near === undefined ? "" : `; did you mean --${near}?`;
  throw new UsageError(`there is no option ${spelled}${meant} (to pass it as an argument: --string ${arg})`);
}

/** An option taken for a value would be a mistake that shows late. */
function checkValue(rule: OptionRule, value: string | undefined): void {
  if (value === undefined) throw new UsageError(`--${rule.name} needs a value: --${rule.name} ${rule.value}`);
  if (rule.name === textOption || rule.name === "arg" || !value.startsWith("--")) return;
  throw new UsageError(`--${rule.name} needs a value; if ${value} is meant to be it: --${rule.name}=${value}`);
}
