import assert from "node:assert/strict";
import { test } from "node:test";
import { compareOutput } from "../../scripts/lib/expected_output.ts";
import { scriptsSkip } from "../support/scripts_skip.ts";

const cases: readonly (readonly [says: string, expected: string, actual: string, agrees: boolean])[] = [
  ["the same text agrees", "a\nb\n", "a\nb\n", true],
  ["a missing newline at the end does not matter", "a", "a\n", true],
  ["another text differs", "a\n", "b\n", false],
  ["a line more differs", "a\n", "a\nb\n", false],
  ["… on its own stands for lines", "a\n…\nb\n", "a\n1\n2\nb\n", true],
  ["… on its own stands for no line", "a\n…\nb\n", "a\nb\n", true],
  ["… in a line stands for text of that line", "pid … ended", "pid 12 ended", true],
  ["… in a line does not cross lines", "pid … ended", "pid 12\n ended", false],
  ["signs of regular expressions are only signs", "a.b (c)*\n", "axb (c)*\n", false],
];

for (const [says, expected, actual, agrees] of cases) {
  test(says, { skip: scriptsSkip }, () => {
    assert.equal(compareOutput(expected, actual) === undefined, agrees);
  });
}
