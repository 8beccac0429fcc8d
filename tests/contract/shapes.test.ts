/** Schemas of what is no data. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import {
  bytes,
  type Contract,
  callback,
  checkArguments,
  checkResult,
  contract,
  method,
  optional,
  referenceTo,
  type StandardSchema,
  shapeOf,
  stream,
} from "../../src/contract/mod.ts";
import { PluginError } from "../../src/errors/mod.ts";

const place = { contract: "files", method: "copy" };
const table = contract("table", { count: method([], v.number()) });
const schemas = {
  callback: callback([v.number()], v.boolean()),
  stream: stream(v.string()),
  bytes: bytes(),
  reference: referenceTo(table),
} as const;

describe("the shape of a schema", () => {
  it("tells what is no data apart, through optional() too", () => {
    for (const [kind, schema] of Object.entries(schemas) as [string, StandardSchema][]) {
      assert.equal(shapeOf(schema)?.kind, kind);
      assert.equal(shapeOf(optional(schema)), shapeOf(schema));
      assert.equal(shapeOf(optional(optional(schema))), shapeOf(schema));
    }
    assert.equal(shapeOf(v.string()), undefined);
    assert.equal(shapeOf(optional(v.string())), undefined);
    assert.equal(shapeOf(undefined), undefined);
  });

  it("is known of a method beforehand", () => {
    const copy = method([v.string(), optional(schemas.callback)], schemas.bytes);
    assert.deepEqual(
      copy.shapes?.map((shape) => shape?.kind),
      [undefined, "callback"],
    );
    assert.equal(copy.resultShape?.kind, "bytes");
    const plain = method([v.string()], v.string());
    assert.deepEqual([plain.shapes, plain.resultShape], [undefined, undefined]);
  });

  it("of a callback is a method, which checks its calls like any other", () => {
    const shape = shapeOf(callback([z.number(), z.string().default("x")], type("boolean"), { keeps: true }));
    assert.ok(shape?.kind === "callback");
    assert.equal(shape.method.keeps, true);
    assert.deepEqual(checkArguments(shape.method, [1], place), [1, "x"]);
    assert.throws(() => checkArguments(shape.method, ["1"], place), { code: "invalid_argument", path: "args[0]" });
    assert.throws(() => checkResult(shape.method, 1, place), { code: "invalid_result" });
  });

  it("of a reference has its contract, which may come later", () => {
    interface Node {
      child(name: string): Node;
    }
    const node: Contract<Node> = contract<Node>("node", {
      child: method(
        [v.string()],
        referenceTo(() => node),
      ),
    });
    const shape = shapeOf(referenceTo(() => node));
    assert.ok(shape?.kind === "reference");
    assert.equal(shape.contract.name, "node");
    const child = shape.contract.methods?.get("child")?.resultShape;
    assert.ok(child?.kind === "reference" && child.contract === shape.contract);
    const wrong = shapeOf(referenceTo(() => ({}) as never));
    assert.ok(wrong?.kind === "reference");
    assert.throws(() => wrong.contract, /this is not a contract/);
  });
});

describe("what is no data", () => {
  const streams = [new ReadableStream(), (async function* () {})(), { [Symbol.asyncIterator]: () => ({}) }];
  const fitting: readonly [schema: StandardSchema, values: readonly unknown[]][] = [
    [schemas.callback, [() => {}, class {}]],
    [schemas.stream, streams],
    [schemas.bytes, streams],
    [schemas.reference, [{}, Object.create(null), new Date()]],
  ];
  for (const [schema, values] of fitting) {
    const kind = shapeOf(schema)!.kind;
    it(`is passed on as it is: ${kind}`, () => {
      for (const value of values) {
        const args = [value];
        assert.equal(checkArguments(method([schema]), args, place), args);
        assert.equal(checkResult(method([], optional(schema)), value, place), value);
      }
    });

    it(`is refused when it is of another kind: ${kind}`, () => {
      for (const value of [5, "text", null, undefined, true]) {
        assert.throws(
          () => checkArguments(method([v.string(), schema]), ["a", value], place),
          (error) => error instanceof PluginError && error.code === "invalid_argument" && error.path === "args[1]",
          String(value),
        );
      }
    });

    it(`may be left out when it is optional: ${kind}`, () => {
      assert.deepEqual(checkArguments(method([v.string(), optional(schema)]), ["a"], place), ["a"]);
      assert.throws(() => checkArguments(method([optional(schema)]), [null], place), { code: "invalid_argument" });
    });
  }

  it("says what it expected and what it got", () => {
    const messages = Object.values(schemas).map((schema) => {
      const result = schema["~standard"].validate(5);
      return "issues" in result ? result.issues?.[0]?.message : undefined;
    });
    assert.deepEqual(messages, [
      "Expected a function but received a number",
      "Expected a stream but received a number",
      "Expected a stream of bytes but received a number",
      "Expected an object but received a number",
    ]);
  });

  const ways: readonly [what: string, schema: StandardSchema, value: unknown, message: string][] = [
    [
      "bytes",
      bytes(),
      new Uint8Array(1),
      "Expected a stream of bytes but received a Uint8Array; new Blob([it]).stream() makes one",
    ],
    ["a text", bytes(), "a", "Expected a stream of bytes but received a string; new Blob([it]).stream() makes one"],
    [
      "an array",
      stream(v.string()),
      ["a"],
      "Expected a stream but received an array; ReadableStream.from(it) makes one, or an async function* that yields them",
    ],
    ["a text as a stream of values", stream(v.string()), "a", "Expected a stream but received a string"],
  ];
  for (const [what, schema, value, message] of ways) {
    it(`says how to make a stream of ${what}`, () => {
      assert.deepEqual(schema["~standard"].validate(value), { issues: [{ message }] });
    });
  }
});

describe("a shape beside schemas of a library", () => {
  const log = (): void => {};
  const libraries: readonly [library: string, schemas: readonly [StandardSchema, StandardSchema]][] = [
    ["zod", [z.object({ limit: z.number().default(3) }), z.string().transform((text) => text.length)]],
    [
      "zod, async",
      [
        z.object({ limit: z.number().default(3) }).refine(async () => true),
        z.string().transform(async (text) => text.length),
      ],
    ],
    ["arktype", [type({ limit: "number = 3" }), type("string").pipe((text) => text.length)]],
  ];
  for (const [library, [options, text]] of libraries) {
    it(`leaves its transforms and defaults as they are: ${library}`, async () => {
      const copy = method([options, callback([v.number()]), text, optional(schemas.callback)], text);
      assert.deepEqual(await checkArguments(copy, [{}, log, "four"], place), [{ limit: 3 }, log, 4]);
      assert.equal(await checkResult(copy, "four", place), 4);
      const failed = await Promise.resolve()
        .then(() => checkArguments(copy, [{ limit: "x" }, 5, "four"], place))
        .then(() => undefined, String);
      assert.match(failed ?? "", /args\[0\]\.limit: .*; args\[1\]: Expected a function but received a number/);
    });
  }
});

describe("a mistake in a contract", () => {
  const mistakes: readonly [what: string, make: () => unknown, message: RegExp][] = [
    ["no schema in a callback", () => callback([5 as never]), /the schema of args\[0\] .* is not a Standard Schema/],
    ["no schema in a stream", () => stream(5 as never), /the items given to stream\(\) is not a Standard Schema/],
    ["no schema in optional", () => optional(undefined as never), /given to optional\(\) is not a Standard Schema/],
    ["no contract", () => referenceTo({ name: "x" } as never), /this is not a contract/],
    ["errors that are no object", () => method([], undefined, { errors: [] as never }), /must be an object/],
    ["an error without a code", () => method([], undefined, { errors: { "": v.string() } }), /must not be empty/],
    ["an error without a schema", () => method([], undefined, { errors: { a: 5 as never } }), /of errors\.a .* is not/],
  ];
  for (const [what, make, message] of mistakes) {
    it(`is told at once: ${what}`, () => assert.throws(make, { name: "TypeError", message }));
  }
});
