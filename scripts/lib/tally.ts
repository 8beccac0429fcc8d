/** How many tests passed, failed and were skipped. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A tally of nothing. */
export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0 };

/** Adds tallies up. */
export function addTallies(tallies: Iterable<Tally>): Tally {
  let sum = emptyTally;
  for (const tally of tallies) {
    sum = {
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
    };
  }
  return sum;
}

/** The line every task that runs tests ends with. */
export function formatTally(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}

/** Reads the tally off the last line of a task's output; `undefined` when there is none. */
export function parseTally(output: string): Tally | undefined {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(last);
  if (match === null) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) };
}
