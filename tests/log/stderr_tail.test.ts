import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StderrTail } from "../../src/log/mod.ts";

describe("StderrTail", () => {
  const tailOf = (...lines: string[]): string => {
    const tail = new StderrTail();
    for (const line of lines) tail.push(line);
    return tail.text;
  };

  it("is empty without lines, and with blank ones alone", () => {
    assert.equal(tailOf(), "");
    assert.equal(tailOf("", "  "), "");
  });

  it("keeps lines as they are", () => assert.equal(tailOf("a", "", "  b", ""), "a\n\n  b"));

  it("keeps the last 40 lines and says that there were more", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    assert.equal(tailOf(...lines), `…\n${lines.slice(60).join("\n")}`);
  });

  it("keeps at most 4,096 characters, and of a longer line its end", () => {
    assert.equal(tailOf("x".repeat(3_000), "y".repeat(3_000)), `…\n${"y".repeat(3_000)}`);
    assert.equal(tailOf(`${"x".repeat(5_000)}end`), `…\n${"x".repeat(4_093)}end`);
  });

  it("writes lines of hclog in readable form", () => {
    assert.equal(tailOf('{"@level":"error","@message":"no disk","n":1}', '{"a":1}'), 'ERROR no disk n=1\n{"a":1}');
  });

  it("is safe for a terminal", () => {
    assert.equal(
      tailOf("\u001b[31mred\u001b[0m \u001b]0;x\u0007", '{"@message":"\\u001b[2J"}'),
      "red \\x1b]0;x\\x07\nINFO \\x1b[2J",
    );
  });
});
