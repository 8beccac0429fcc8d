import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parametersOf } from "../../src/cli/_parameters.ts";
import { passable } from "../../src/cli/_passable.ts";

const place = { contract: "kit", method: "all", stdin: () => new Blob(["in"]).stream() };
const pass = (signature: string | undefined, args: readonly unknown[], ...words: readonly string[]) =>
  passable(
    args,
    words.map((text) => ({ text, isText: false })),
    { ...place, signature },
  );

describe("arguments on a command line", () => {
  const refusals: [signature: string, args: unknown[], text: string][] = [
    ["(callback(string) => void) => void", [], "args[0] is a function to call back, and the command cannot make one"],
    [
      "(string, (callback() => void)?) => void",
      ["", 1],
      "args[1] is a function to call back, and the command cannot make one",
    ],
    ["(stream<string>) => string", [[1]], "args[0] is a stream of values, and the command cannot make one"],
    ["(reference<table>) => string", [{}], "args[0] is an object with methods, and the command cannot make one"],
    [
      "(bytes) => number",
      ["text"],
      'args[0] is a stream of bytes: - passes what comes in on stdin, {"$bytes":"BASE64"} these bytes',
    ],
  ];
  for (const [signature, args, text] of refusals) {
    it(`are refused for ${signature}`, () => {
      assert.throws(() => pass(signature, args), {
        code: "invalid_argument",
        execution: "none",
        message: `cannot call kit.all: ${text}`,
      });
    });
  }

  it("may be left out where the contract says so", () => {
    assert.deepEqual(pass("((callback() => void)?, bytes?) => void", []), []);
  });

  it("become streams where the contract says bytes", async () => {
    const [first, second] = pass("(bytes, bytes?) => number", [new Uint8Array([65]), "-"], "…", "-") as [
      ReadableStream,
      ReadableStream,
    ];
    assert.equal(await new Response(first).text(), "A");
    assert.equal(await new Response(second).text(), "in");
  });

  it("are left alone where the contract says something else, or nothing", () => {
    assert.deepEqual(pass('(string, { a: "bytes" }, unknown) => bytes', ["-", {}, 1], "-"), ["-", {}, 1]);
    assert.deepEqual(pass(undefined, ["-"], "-"), ["-"]);
  });
});

describe("the parameters of a signature", () => {
  const cases: [string, string[]][] = [
    ["() => void", []],
    ["(string, number?) => string", ["string", "number?"]],
    ['({ a: ", )" }, "\\",(" | "b") => void', ['{ a: ", )" }', '"\\",(" | "b"']],
    ["(callback(string, bytes) => void, [a, b?]) => void", ["callback(string, bytes) => void", "[a, b?]"]],
    ["(string, { a: num … #0123", ["string"]],
  ];
  for (const [signature, expected] of cases) {
    it(`are found in ${signature}`, () => {
      const found = parametersOf(signature).map(({ text, isOptional }) => (isOptional ? `${text}?` : text));
      assert.deepEqual(found, expected);
    });
  }
});
