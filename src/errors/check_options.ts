import * as v from "valibot";
import { hint, nearest } from "./near_miss.ts";

/** What each option must be. Messages say the rule alone: `must be true or false`. */
export type OptionRules = Readonly<Record<string, v.GenericSchema>>;

const maxShown = 60;

/**
 * Checks options that programs without types may get wrong. One that is `undefined` counts as left out.
 *
 * @param where Whose options they are, as in `launch` or `limits of launch`.
 * @param rules All options there are.
 * @throws TypeError for an option that does not exist, naming what comes near, or a value of the wrong kind.
 * @throws RangeError for a value of the right kind that is out of bounds.
 */
export function checkOptions(where: string, rules: OptionRules, options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`the options of ${where} must be an object, not ${shownValue(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(rules, name)) continue;
    throw new TypeError(`unknown option ${JSON.stringify(name)} of ${where}${optionHint(name, Object.keys(rules))}`);
  }
  for (const [name, rule] of Object.entries(rules)) {
    // Not only own ones: an instance of a class has options too.
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    const issue = v.safeParse(rule, value).issues?.[0];
    if (issue === undefined) continue;
    const ErrorClass = issue.kind === "validation" ? RangeError : TypeError;
    const path = (issue.path ?? []).map(({ key }) => pathStep(key)).join("");
    throw new ErrorClass(`option ${name}${path} of ${where} ${issue.message}, not ${shownValue(issue.input)}`);
  }
}

/** A value met, short enough for a message. */
export function shownValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > maxShown ? `${value.slice(0, maxShown)}…` : value);
}

function pathStep(key: unknown): string {
  return typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whoever leaves out a part of a long name is further from it than a slip of the finger, and meant it all the same. */
function optionHint(name: string, names: readonly string[]): string {
  const part = name.toLowerCase();
  const longer = part.length < 3 ? [] : names.filter((each) => each.toLowerCase().includes(part));
  if (longer.length === 0 || nearest(name, names) !== undefined) return hint(name, names);
  return `; did you mean ${longer.map((each) => JSON.stringify(each)).join(" or ")}?`;
}
