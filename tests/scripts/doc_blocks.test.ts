import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { docFileName, findDocBlocks } from "../../scripts/lib/doc_blocks.ts";

const text = (...lines: string[]): string => `${lines.join("\n")}\n`;

describe("findDocBlocks", () => {
  it("finds each block with its language and line", () => {
    const blocks = findDocBlocks(text("# A", "```ts", "1;", "2;", "```", "", "```", "plain", "```"));
    assert.deepEqual(blocks, [
      { language: "ts", line: 2, text: "1;\n2;\n", output: undefined },
      { language: "", line: 7, text: "plain\n", output: undefined },
    ]);
  });

  it("takes the text block that comes next for the output", () => {
    const [first, second] = findDocBlocks(
      text("```ts", "1;", "```", "```ts", "2;", "```", "It prints", "```text", "two", "```"),
    );
    assert.equal(first?.output, undefined);
    assert.equal(second?.output, "two\n");
  });

  it("does not look for the output past a heading", () => {
    const [block] = findDocBlocks(text("```ts", "1;", "```", "## B", "```text", "two", "```"));
    assert.equal(block?.output, undefined);
  });

  it("keeps fences within longer fences, and headings within blocks", () => {
    const [block, ...others] = findDocBlocks(text("````md", "```ts", "# 1", "```", "````"));
    assert.equal(block?.text, "```ts\n# 1\n```\n");
    assert.deepEqual(others, []);
  });

  it("refuses a block without an end", () => {
    assert.throws(() => findDocBlocks(text("```ts", "1;")), /line 1 does not end/);
  });
});

describe("docFileName", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["// host.ts\n1;\n", "host.ts"],
    ["// greeter/plugin.ts\n", "greeter/plugin.ts"],
    ["1;\n// host.ts\n", undefined],
    ["// see host.ts\n", undefined],
    ["", undefined],
  ];
  for (const [code, name] of table) {
    it(`finds ${name} in ${JSON.stringify(code)}`, () => assert.equal(docFileName({ text: code }), name));
  }
});
