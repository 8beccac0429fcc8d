/**
 * Compares what a program printed with what it should print.
 *
 * @param expected Lines; one that is only `…` stands for any lines, also none; `…` within a line for any text.
 * @returns `undefined` when they agree, else what to look at.
 */
export function compareOutput(expected: string, actual: string): string | undefined {
  const parts = expected
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\n)*" : `${lineText(line)}\n`));
  if (new RegExp(`^${parts.join("")}$`).test(`${actual.trimEnd()}\n`)) return undefined;
  return `expected:\n${indent(expected)}\nprinted:\n${indent(actual)}`;
}

function lineText(line: string): string {
  return line.trimEnd().split("…").map(RegExp.escape).join(".*");
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "    ");
}
