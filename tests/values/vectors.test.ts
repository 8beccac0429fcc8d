import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, newCodec, toHex } from "./_support.ts";

interface Vectors {
  readonly values: readonly { readonly name: string; readonly value: string; readonly hex: string }[];
  readonly accepted: readonly { readonly name: string; readonly value: string; readonly hex: string }[];
  readonly malformed: readonly { readonly name: string; readonly hex: string; readonly at: number }[];
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/values.json", import.meta.url), "utf8")) as Vectors;
const codec = newCodec();

/** The value that a vector describes as JavaScript. */
function evaluate(expression: string): unknown {
  return new Function(`return (${expression});`)();
}

for (const { name, value, hex } of vectors.values) {
  test(`vector: ${name} is encoded to its bytes and decoded from them`, () => {
    assert.equal(toHex(codec.encode(evaluate(value))), hex);
    assert.deepEqual(codec.decode(fromHex(hex)), evaluate(value));
  });
}

for (const { name, value, hex } of vectors.accepted) {
  test(`vector: ${name} is decoded`, () => {
    assert.deepEqual(codec.decode(fromHex(hex)), evaluate(value));
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
