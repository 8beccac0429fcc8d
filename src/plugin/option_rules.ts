import * as v from "valibot";
import { checkOptions, type OptionRules, shownValue } from "../errors/check_options.ts";
import { isVersion, maxVersion } from "../handshake/mod.ts";
import { defaultLimits } from "../wire/mod.ts";

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof URL);

const aString = "must be a string";

/** A text. */
export const text: v.GenericSchema = v.string(aString);
/** Texts. */
export const texts: v.GenericSchema = v.array(v.string(aString), "must be an array of strings");
/** An array of anything. */
export const list: v.GenericSchema = v.array(v.unknown(), "must be an array");
/** A time in ms; `Infinity` is one. */
export const milliseconds: v.GenericSchema = numberFrom(0, "must be a number of milliseconds, 0 or more");
/** What has methods or members of its own. */
export const object: v.GenericSchema = v.custom(isObject, "must be an object");

const versionMap = v.pipe(
  v.custom<object>(isObject, "must be an object by protocol version, as in { 1: …, 2: … }"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const wrong = Object.keys(dataset.value).find((key) => !isVersion(Number(key)));
    const rule = `must have whole numbers from 1 to ${maxVersion} as its keys`;
    if (wrong !== undefined) addIssue({ message: rule, input: wrong });
  }),
);

/** Options that both sides have. */
export const sharedRules: OptionRules = {
  versions: versionMap,
  handshake: object,
  limits: object,
  adapter: object,
  interceptors: v.array(
    v.custom((value) => typeof value === "function", "must be a function"),
    "must be an array of functions",
  ),
  contractMismatch: v.picklist(["warn", "throw", "ignore"], 'must be "warn", "throw" or "ignore"'),
  sendStacks: v.boolean("must be true or false"),
  sharedStructure: v.boolean("must be true or false"),
  trace: v.custom(
    (value) => typeof value === "boolean" || typeof value === "function",
    "must be true, false or a function",
  ),
};

const handshakeRules: OptionRules = { cookieKey: text, cookieValue: text };
const limitRules: OptionRules = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, numberFrom(0, "must be a number, 0 or more")]),
);

/** Checks options that have those of {@linkcode sharedRules}. @throws TypeError and RangeError, see {@linkcode checkOptions}. */
export function checkSharedOptions(where: string, rules: OptionRules, options: object): void {
  checkOptions(where, rules, options);
  const { handshake = {}, limits = {} } = options as { readonly handshake?: object; readonly limits?: object };
  checkOptions(`handshake of ${where}`, handshakeRules, handshake);
  checkOptions(`limits of ${where}`, limitRules, limits);
}

/** Checks the options of `serve`. @throws TypeError and RangeError, see {@linkcode checkOptions}. */
export function checkServeOptions(options: { readonly versions: object }): void {
  checkSharedOptions("serve", { ...sharedRules, listen: object }, options);
  for (const [version, served] of Object.entries(options.versions)) {
    if (Array.isArray(served)) continue;
    throw new TypeError(`version ${version} of serve must be an array of what is served, not ${shownValue(served)}`);
  }
}

function numberFrom(least: number, rule: string): v.GenericSchema {
  return v.pipe(
    v.custom<number>((value) => typeof value === "number", rule),
    v.check((value) => value >= least, rule),
  );
}
