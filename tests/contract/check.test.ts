import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { checkArguments, checkResult, type Method, method, type StandardSchema } from "../../src/contract/mod.ts";
import { PluginError } from "../../src/errors/mod.ts";

const place = { contract: "store", method: "find" };

function failed(run: () => unknown): PluginError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PluginError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "it passed" });
}

async function failedLater(run: () => unknown): Promise<PluginError> {
  const promise = run();
  assert.ok(promise instanceof Promise);
  return await promise.then(
    () => assert.fail("it passed"),
    (error: unknown) => (error instanceof PluginError ? error : assert.fail(String(error))),
  );
}

const later = v.pipeAsync(
  v.string(),
  v.checkAsync(async (text) => text !== "bad", "must not be bad"),
);

test("arguments that fit come back as the very same array", () => {
  const args = ["a", 1];
  assert.equal(checkArguments(method([v.string(), v.number()]), args, place), args);
});

test("transforms and defaults apply, and the caller's array stays as it was", () => {
  const spec = method([v.pipe(v.string(), v.transform(Number)), v.optional(v.number(), 7)]);
  const args = ["5"];
  assert.deepEqual(checkArguments(spec, args, place), [5, 7]);
  assert.deepEqual(args, ["5"]);
});

test("optional arguments at the end may be left out, and stay out", () => {
  const spec = method([v.string(), v.optional(v.number()), v.optional(v.number())]);
  assert.deepEqual(checkArguments(spec, ["a"], place), ["a"]);
  assert.deepEqual(checkArguments(spec, ["a", undefined, 3], place), ["a", undefined, 3]);
  assert.deepEqual(checkArguments(method([v.optional(v.number()), v.optional(v.number(), 2)]), [], place), [
    undefined,
    2,
  ]);
});

test("an argument that must be there is missed by its place", () => {
  const error = failed(() => checkArguments(method([v.string(), v.number()]), ["a"], place));
  assert.equal(error.path, "args[1]");
});

test("more arguments than schemas are refused with both numbers", () => {
  const error = failed(() => checkArguments(method([v.string()]), ["a", "b", "c"], place));
  assert.equal(error.code, "invalid_argument");
  assert.match(
    error.message,
    /the caller of store\.find passed what the contract does not allow: expected 1 argument, got 3/,
  );
  assert.match(failed(() => checkArguments(method(), [1], place)).message, /expected 0 arguments, got 1/);
});

const libraries: readonly [library: string, schema: StandardSchema, rule: RegExp][] = [
  ["valibot", v.object({ options: v.object({ filter: v.string() }) }), /Expected string but received 5/],
  ["zod", z.object({ options: z.object({ filter: z.string() }) }), /expected string/],
  ["arktype", type({ options: { filter: "string" } }), /must be a string/],
];

for (const [library, schema, rule] of libraries) {
  test(`a failure of ${library} names method, path, rule and whose fault it is`, () => {
    const error = failed(() => checkArguments(method([schema]), [{ options: { filter: 5 } }], place));
    assert.equal(error.code, "invalid_argument");
    assert.equal(error.contract, "store");
    assert.equal(error.method, "find");
    assert.equal(error.path, "args[0].options.filter");
    assert.match(
      error.message,
      /^the caller of store\.find passed what the contract does not allow: args\[0\]\.options\.filter: /,
    );
    assert.match(error.message, rule);
    assert.equal(error.issues?.length, 1);
  });

  test(`a result that ${library} refuses is the implementation's fault`, () => {
    const error = failed(() => checkResult(method([], schema), { options: { filter: 5 } }, place));
    assert.equal(error.code, "invalid_result");
    assert.equal(error.path, "result.options.filter");
    assert.match(
      error.message,
      /^the implementation of store\.find gave a result that the contract does not allow: result\.options\.filter: /,
    );
    assert.match(error.message, rule);
  });
}

for (const schema of [v.string(), z.string(), type("string")]) {
  test(`an issue of ${schema["~standard"].vendor} about the whole argument has the argument's path`, () => {
    assert.equal(failed(() => checkArguments(method([v.number(), schema]), [1, 5], place)).path, "args[1]");
    assert.equal(failed(() => checkResult(method([], schema), 5, place)).path, "result");
  });
}

test("all issues of all arguments are told at once", () => {
  const spec = method([v.object({ a: v.string(), "b c": v.array(v.number()) }), v.number(), v.string()]);
  const error = failed(() => checkArguments(spec, [{ a: 1, "b c": [1, "x"] }, 2, 3], place));
  assert.deepEqual(
    error.issues?.map(({ path }) => path),
    ["args[0].a", 'args[0]["b c"][1]', "args[2]"],
  );
});

test("of many issues the message tells five, and the error has them all", () => {
  const error = failed(() => checkArguments(method([v.array(v.number())]), [Array(9).fill("x")], place));
  assert.match(error.message, /args\[0\]\[4\]: [^;]*; and 4 more$/);
  assert.equal(error.issues?.length, 9);
});

test("a schema that takes its time gives a promise, whatever the others give", async () => {
  const spec = method([v.pipe(v.string(), v.transform(Number)), later, v.optional(v.number(), 7)]);
  const checked = checkArguments(spec, ["5", "good"], place);
  assert.ok(checked instanceof Promise);
  assert.deepEqual(await checked, [5, "good", 7]);
});

test("issues of schemas at once and later are told together", async () => {
  const error = await failedLater(() =>
    checkArguments(method([v.number(), later, v.number()]), ["x", "bad", "y"], place),
  );
  assert.equal(error.code, "invalid_argument");
  assert.deepEqual(
    error.issues?.map(({ path }) => path),
    ["args[0]", "args[1]", "args[2]"],
  );
  assert.match(error.message, /must not be bad/);
});

test("a result is checked and transformed, at once or later", async () => {
  assert.equal(checkResult(method([], v.pipe(v.string(), v.transform(Number))), "5", place), 5);
  assert.equal(await checkResult(method([], later), "good", place), "good");
  const error = await failedLater(() => checkResult(method([], later), "bad", place));
  assert.equal(error.code, "invalid_result");
  assert.equal(error.path, "result");
});

test("a method without a schema for its result gives nothing", () => {
  assert.equal(checkResult(method([v.string()]), new Map(), place), undefined);
});

/** A schema of nobody's library. */
function schemaOf(validate: StandardSchema["~standard"]["validate"]): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("a schema that throws is an internal error with its cause, and nobody's value is blamed", async () => {
  const cause = new Error("broken schema");
  const throwing = schemaOf(() => {
    throw cause;
  });
  const rejecting = schemaOf(() => Promise.reject(cause));
  const errors: PluginError[] = [
    failed(() => checkArguments(method([throwing]), [1], place)),
    failed(() => checkArguments(method([rejecting, throwing]), [1, 2], place)),
    failed(() => checkResult(method([], throwing), 1, place)),
    await failedLater(() => checkArguments(method([rejecting]), [1], place)),
    await failedLater(() => checkResult(method([], rejecting), 1, place)),
  ];
  for (const error of errors) {
    assert.equal(error.code, "internal");
    assert.equal(error.cause, cause);
    assert.match(error.message, /the schema of (args\[\d\]|result) of store\.find threw: broken schema/);
  }
});

test("paths may be given as keys or as objects with a key, symbols among them", () => {
  const path = ["list", { key: 0 }, Symbol("s")];
  const spec: Method = method([schemaOf(() => ({ issues: [{ message: "no", path }] }))]);
  assert.equal(failed(() => checkArguments(spec, [1], place)).path, "args[0].list[0][Symbol(s)]");
});

test("a promise of a library's own is awaited like any other", async () => {
  // biome-ignore lint/suspicious/noThenProperty: that is what a promise is known by
  const thenable = { then: (done: (result: { value: number }) => void) => done({ value: 2 }) };
  const spec = method([schemaOf(() => thenable as unknown as Promise<{ value: number }>)]);
  assert.deepEqual(await checkArguments(spec, [1], place), [2]);
});
