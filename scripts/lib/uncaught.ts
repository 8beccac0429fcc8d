/** What a line on stderr begins with that tells of an error no test caught. */
export const uncaughtPrefix = "uncaught outside of the tests: ";

/** Finds such lines in the output of a test file. */
export function findUncaught(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith(uncaughtPrefix));
}
