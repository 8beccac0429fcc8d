// Kept to syntax that a Node of many years ago reads: what says that Node is too old must itself start there.

/** The oldest Node that runs everything the library uses: `await using` is a syntax error before it. */
export const oldestNode: number = 24;

/** What to tell a user whose Node is too old; an empty string where it is not, or where this is no Node. */
export function tooOldNode(): string {
  const globals = globalThis as {
    readonly Deno?: unknown;
    readonly Bun?: unknown;
    readonly process?: { readonly versions?: { readonly node?: string } };
  };
  // Bun and Deno say that they are a Node, too.
  if (globals.Bun !== undefined || globals.Deno !== undefined) return "";
  const versions = globals.process === undefined ? undefined : globals.process.versions;
  const version = versions === undefined ? undefined : versions.node;
  if (version === undefined || Number.parseInt(version, 10) >= oldestNode) return "";
  return `Plugwire needs Node ${oldestNode} or newer, and this is Node ${version}`;
}

/** Writes a line to stderr and ends the process, where nothing newer can be counted on. */
export function endTooOld(message: string, exitCode: number): void {
  console.error(message);
  const globals = globalThis as { readonly process?: { exit(code: number): void } };
  if (globals.process !== undefined) globals.process.exit(exitCode);
}
