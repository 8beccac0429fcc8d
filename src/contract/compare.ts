import type { ContractFacts } from "./contract.ts";
import { signaturesOf } from "./signature.ts";

/** A contract as the other side's hello tells of it. */
export interface OfferedMethods {
  /** Names; `null` while only the other side's factory knows them. */
  readonly methods: readonly string[] | null;
  /** By name, of those alone that have one. */
  readonly signatures?: Readonly<Record<string, string>>;
}

const maxShown = 20;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/gu;

/**
 * Compares a contract as this side knows it with what the other side serves under its name. Only what both tell of is compared, and
 * a method that this side does not know of is no difference by itself.
 *
 * @param known This side's contract.
 * @param offered What the other side's hello says.
 * @param role What this side is.
 * @returns A text that reads like a diff, or `undefined` when nothing differs.
 *
 * @example
 * ```text
 * contract greeter differs:
 *   greet
 *     host:   (string) => string
 *     plugin: (string, number) => string
 *   - shout   (only the host has it)
 * ```
 */
export function compareContracts(
  known: ContractFacts,
  offered: OfferedMethods,
  role: "host" | "plugin",
): string | undefined {
  if (known.methods === undefined) return undefined;
  const served = offered.methods === null ? undefined : new Set(offered.methods);
  const theirs = offered.signatures ?? {};
  const ours = signaturesOf(known);
  const [otherRole, hereFirst] = role === "host" ? ["plugin", true] : ["host", false];
  const differences: string[] = [];
  for (const name of known.methods.keys()) {
    if (served !== undefined && !served.has(name)) {
      differences.push(`  - ${visible(name)}   (only the ${role} has it)`);
      continue;
    }
    const [here, there] = [ours[name], Object.hasOwn(theirs, name) ? theirs[name] : undefined];
    if (here === undefined || there === undefined || here === there) continue;
    const [host, plugin] = hereFirst ? [here, there] : [there, here];
    differences.push(`  ${visible(name)}\n    host:   ${visible(host)}\n    plugin: ${visible(plugin)}`);
  }
  if (differences.length === 0) return undefined;
  const extra = known.partial ? [] : [...(served ?? [])].filter((name) => !known.methods!.has(name));
  differences.push(...extra.map((name) => `  + ${visible(name)}   (only the ${otherRole} has it)`));
  const shown = differences.slice(0, maxShown);
  if (differences.length > maxShown) shown.push(`  and ${differences.length - maxShown} more`);
  return [`contract ${visible(known.name)} differs:`, ...shown].join("\n");
}

/** What the other side says stays on its line. */
function visible(text: string): string {
  return text.replace(control, "�");
}
