import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { diagnosticOf } from "../protocol/_diagnostic.ts";
import * as recorded from "../protocol/_value_vectors.ts";
import { assertSame } from "./_same.ts";
import { fromHex, newCodec, toHex } from "./_support.ts";

interface Vectors {
  readonly values: readonly (Vector & { readonly value: string; readonly shared?: true })[];
  readonly accepted: readonly (Vector & { readonly value: string })[];
  readonly malformed: readonly (Vector & { readonly at: number })[];
}
interface Vector {
  readonly name: string;
  readonly diagnostic: string;
  readonly hex: string;
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/values.json", import.meta.url), "utf8")) as Vectors;
const codec = newCodec();
const sharing = newCodec(100, 1 << 20, { shared: true });

/** The value that a vector describes as JavaScript. */
function evaluate(expression: string): unknown {
  return new Function(`return (${expression});`)();
}

for (const { name, value, hex, shared = false } of vectors.values) {
  test(`vector: ${name} is encoded to its bytes and decoded from them${shared ? ", sharing" : ""}`, () => {
    assert.equal(toHex((shared ? sharing : codec).encode(evaluate(value))), hex);
    assertSame(codec.decode(fromHex(hex)), evaluate(value), shared);
  });
}

for (const { name, value, hex } of vectors.accepted) {
  test(`vector: ${name} is decoded`, () => {
    assertSame(codec.decode(fromHex(hex)), evaluate(value));
  });
}

for (const { name, hex, at } of vectors.malformed) {
  test(`vector: ${name} is malformed at byte ${at}`, () => {
    assert.throws(() => codec.decode(fromHex(hex)), {
      code: "bad_message",
      message: new RegExp(`^malformed message at byte ${at}: `),
    });
  });
}

test("every vector says in diagnostic notation what its bytes are", () => {
  for (const { diagnostic, hex, name } of [...vectors.values, ...vectors.accepted, ...vectors.malformed]) {
    assert.equal(diagnosticOf(fromHex(hex)), diagnostic, name);
  }
});

test("the vectors are those that are recorded", () => {
  const names = (list: readonly (readonly [string, ...string[]])[]): string[] => list.map(([name]) => name);
  assert.deepEqual(
    vectors.values.map(({ name }) => name),
    names([...recorded.values, ...recorded.sharedValues]),
  );
  assert.deepEqual(
    vectors.malformed.map(({ name, hex }) => [name, hex]),
    recorded.malformed,
  );
  assert.deepEqual(
    vectors.accepted.map(({ name, value, hex }) => [name, value, hex]),
    recorded.accepted,
  );
});
