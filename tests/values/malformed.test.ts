import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PluginError } from "../../src/errors/mod.ts";
import { anyValue, fromHex, newCodec, seeded, toHex } from "./_support.ts";

const codec = newCodec();

const malformed: readonly [what: string, hex: string, message: RegExp][] = [
  ["nothing at all", "", /at byte 0: the bytes end where a value should begin/],
  ["a second value after the first", "01 02", /at byte 1: 1 bytes after the end/],
  ["an argument cut short", "19 01", /the bytes end inside a value/],
  ["a float cut short", "fb 00 00", /the bytes end inside a value/],
  ["a reserved first byte", "1c", /reserved value 28/],
  ["a text longer than the bytes", "65 61 62", /at byte 0: a length of 5 where 2 bytes are left/],
  ["a byte string of 4 GiB", "5a ff ff ff ff 00", /a length of 4294967295 where 1 bytes are left/],
  ["a byte string of 2^64 - 1 bytes", "5b ff ff ff ff ff ff ff ff 00", /a length of 18446744073709551615/],
  ["an array of 2^32 - 1 elements", "9a ff ff ff ff 00", /a length of 4294967295/],
  ["an array short of an element", "82 81 00", /the bytes end where a value should begin/],
  ["a map of more entries than bytes allow", "a2 61 61 00", /a length of 2 where 3 bytes/],
  ["a map cut after a key", "81 a1 61 61", /the bytes end where a value should begin/],
  ["an indefinite array", "9f 01 ff", /at byte 0: an indefinite length/],
  ["an indefinite map", "bf ff", /an indefinite length/],
  ["an indefinite text", "7f 61 61 ff", /an indefinite length/],
  ["an indefinite byte string", "5f 41 61 ff", /an indefinite length/],
  ["a break alone", "ff", /a break outside of anything/],
  ["an integer for a key", "a1 01 02", /at byte 1: a key that is not a text string/],
  ["a byte string for a key", "a1 41 61 02", /a key that is not a text string/],
  ["a key twice", "a2 61 61 01 61 61 02", /at byte 4: the key "a" for the second time/],
  ["a key twice, undefined first", "a2 61 61 f7 61 61 02", /for the second time/],
  ["__proto__ twice", "a2 69 5f5f70726f746f5f5f 01 69 5f5f70726f746f5f5f 02", /"__proto__" for the second time/],
  ["invalid UTF-8", "62 c3 28", /at byte 1: text that is not valid UTF-8/],
  ["an overlong form", "62 c0 80", /valid UTF-8/],
  ["an encoded surrogate", "63 ed a0 80", /valid UTF-8/],
  ["a code point past the last", "64 f4 90 80 80", /valid UTF-8/],
  ["invalid UTF-8 in a long text", `78 28 ${"61".repeat(39)} ff`, /valid UTF-8/],
  ["invalid UTF-8 in a key", "a1 61 ff 01", /valid UTF-8/],
  ["a character cut by the end of its text", "82 61 c3 61 a4", /valid UTF-8/],
  ["tag 0, a date as text", "c0 60", /tag 0, which has no meaning here/],
  ["tag 29 that names nothing", "d8 1d 00", /the name of a shared object that is not there/],
  ["tag 51, packed values", "d8 33 83 80 80 80", /tag 51/],
  ["tag 6, a packed reference", "c6 00", /tag 6/],
  ["tag 57343, a record", "d9 df ff 83 19 e0 00 81 61 61 01", /tag 57343/],
  ["tag 57337, bundled strings", "d9 df f9 80", /tag 57337/],
  ["tag 55799, self-described CBOR", "d9 d9 f7 00", /tag 55799/],
  ["a tag of 64 bits", "db ff ff ff ff ff ff ff ff 00", /tag 18446744073709551615/],
  ["a tag with nothing behind it", "c1", /the bytes end where a value should begin/],
  ["a date of text", "c1 60", /at byte 0: a date that is not a number/],
  ["a date of null", "c1 f6", /a date that is not a number/],
  ["a date of a bigint", "c1 1b ff ff ff ff ff ff ff ff", /a date that is not a number/],
  ["a date beyond all dates", "c1 1b 00 10 00 00 00 00 00 00", /a date beyond/],
  ["an infinite date", "c1 f9 7c 00", /a date beyond/],
  ["a bigint of a number", "c2 01", /a bigint that is not a byte string/],
  ["a bigint of a bigint", "c2 c2 41 01", /a bigint that is not a byte string/],
  ["a bigint longer than the bytes", "c2 42 01", /a length of 2 where 1/],
  ["an unassigned simple value", "e0", /a simple value that has no meaning/],
  ["a simple value of two bytes", "f8 ff", /a simple value that has no meaning/],
];

for (const [what, hex, message] of malformed) {
  test(`${what} is malformed`, () => {
    assert.throws(() => codec.decode(fromHex(hex)), { name: "PluginError", code: "bad_message", message });
  });
}

test("what other encoders may write is read: long forms, short floats, 64-bit integers, leading zeros", () => {
  const read: readonly [hex: string, value: unknown][] = [
    ["18 05", 5],
    ["1b 00 00 00 00 00 00 00 05", 5],
    ["3a 00 00 00 00", -1],
    ["f9 3c 00", 1],
    ["f9 00 01", 2 ** -24],
    ["f9 7b ff", 65_504],
    ["fa 3f c0 00 00", 1.5],
    ["fb 7f f8 00 00 00 00 00 01", Number.NaN],
    ["1b 00 1f ff ff ff ff ff ff", Number.MAX_SAFE_INTEGER],
    ["1b 00 20 00 00 00 00 00 00", 2n ** 53n],
    ["1b ff ff ff ff ff ff ff ff", 2n ** 64n - 1n],
    ["3b 00 1f ff ff ff ff ff fe", Number.MIN_SAFE_INTEGER],
    ["3b 00 1f ff ff ff ff ff ff", -(2n ** 53n)],
    ["3b ff ff ff ff ff ff ff ff", -(2n ** 64n)],
    ["c2 43 00 00 07", 7n],
    ["c1 fa 3f c0 00 00", new Date(1_500)],
    ["d8 01 00", new Date(0)],
    ["98 01 01", [1]],
    ["b8 01 78 01 61 01", { a: 1 }],
  ];
  for (const [hex, value] of read) assert.deepEqual(codec.decode(fromHex(hex)), value, hex);
});

test("a bomb of nested arrays ends at the limit, not at the end of the stack", () => {
  assert.throws(() => codec.decode(new Uint8Array(1 << 20).fill(0x81)), {
    code: "bad_message",
    message: /at byte 100: nesting deeper than 100/,
  });
});

test("a bigint too large for the runtime is malformed, and one that is not is read", () => {
  const large = newCodec(10, 1 << 20);
  for (const tag of [0xc2, 0xc3]) {
    // 2^20 bits, all of them set: the first that JavaScriptCore cannot hold, as -1 - n.
    const bytes = new Uint8Array(6 + (1 << 17)).fill(0xff);
    bytes.set([tag, 0x5a, 0, 2, 0, 0]);
    try {
      assert.equal(typeof large.decode(bytes), "bigint");
    } catch (error) {
      assert.ok(error instanceof PluginError, String(error));
      assert.match(error.message, /a bigint of 131072 bytes, more than this runtime holds/);
    }
  }
});

test("every beginning of a message is malformed, and so is one byte more", () => {
  const message = codec.encode([
    null,
    0,
    "find",
    [{ a: [1, 1.5, 300, "text", new Date(1)], b: 7n, c: new Uint8Array(3) }],
  ]);
  for (let length = 0; length < message.length; length++) {
    assert.throws(() => codec.decode(message.slice(0, length)), { code: "bad_message" });
  }
  assert.throws(() => codec.decode(Uint8Array.of(...message, 0)), { code: "bad_message" });
});

/** Decodes and gives the value, or `undefined` for a typed error; anything else thrown passes on. */
function tryDecode(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: codec.decode(bytes) };
  } catch (error) {
    if (error instanceof PluginError && error.code === "bad_message") return undefined;
    throw new Error(`decoding ${toHex(bytes)}`, { cause: error });
  }
}

const members = Object.getOwnPropertyNames(Object.prototype).length;

test("60,000 random byte strings each give a value or a typed error", () => {
  const random = seeded(7);
  for (let i = 0; i < 60_000; i++) {
    const bytes = new Uint8Array(1 + (random() % 40));
    for (let j = 0; j < bytes.length; j++) bytes[j] = random();
    tryDecode(bytes);
  }
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, members);
});

test("40,000 mutated messages each give a typed error, or a value that crosses again as it is", () => {
  const random = seeded(8);
  const messages = fc
    .sample(anyValue, { numRuns: 400, seed: 9 })
    .map((value) => codec.encode([value, { __proto__x: 1, ["__proto__"]: 2 }]));
  let values = 0;
  for (let i = 0; i < 40_000; i++) {
    const original = messages[i % messages.length]!;
    if (original.length > 2_000) continue;
    const bytes = original.slice(0, random() % 8 === 0 ? random() % original.length : original.length);
    for (let j = random() % 4; j >= 0 && bytes.length > 0; j--) bytes[random() % bytes.length] = random();
    const decoded = tryDecode(bytes);
    if (decoded === undefined) continue;
    values++;
    if (i % 20 === 0) assert.deepEqual(codec.decode(codec.encode(decoded.value)), decoded.value);
  }
  assert.ok(values > 1_000, `${values} were still well-formed`);
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, members);
  assert.equal("polluted" in {}, false);
});
