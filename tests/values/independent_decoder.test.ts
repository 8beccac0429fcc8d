import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type DecodeOptions, decode, encode } from "cborg";
import { bigIntDecoder, bigNegIntDecoder } from "cborg/taglib";
import fc from "fast-check";
import { fromHex, newCodec, plainValue, toHex } from "./_support.ts";

const codec = newCodec();

// Strict: only the fewest bytes for each argument and length, only definite lengths, no key twice.
const strict: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  rejectDuplicateMapKeys: true,
  tags: { 1: (content) => dateOf(content() as number), 2: bigIntDecoder, 3: bigNegIntDecoder },
};

/** cborg drops a leading U+FEFF of a text, as TextDecoder does unless told not to. */
function beginsWithMark(bytes: Uint8Array): boolean {
  return toHex(bytes).includes("efbbbf");
}

function dateOf(seconds: number): Date {
  const whole = Math.trunc(seconds);
  return new Date(whole * 1000 + Math.round((seconds - whole) * 1000));
}

test("cborg, strict, reads from our bytes what was encoded, for 3,000 values", () => {
  fc.assert(
    fc.property(plainValue, (value) => {
      const bytes = codec.encode(value);
      fc.pre(!beginsWithMark(bytes));
      assert.deepEqual(decode(bytes, strict), value);
    }),
    { numRuns: 3_000, seed: 41 },
  );
});

test("what cborg encodes of plain data is read as it was, for 3,000 values", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      assert.deepEqual(codec.decode(encode(value)), value);
    }),
    { numRuns: 3_000, seed: 42 },
  );
});

// Its other tags are held against a decoder of its own in tests/protocol/independent_vectors.py.
test("cborg reads every vector without a tag that it does not know", () => {
  const url = new URL("../vectors/values.json", import.meta.url);
  const { values } = JSON.parse(readFileSync(url, "utf8")) as {
    values: { name: string; value: string; diagnostic: string; hex: string }[];
  };
  for (const { name, value, diagnostic, hex } of values) {
    if (beginsWithMark(fromHex(hex)) || /\b(?:\d{2,5})\(/.test(diagnostic)) continue;
    assert.deepEqual(decode(fromHex(hex), strict), new Function(`return (${value});`)(), name);
  }
});
