import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../mod.ts";
import { ValueCodec } from "../../src/values/mod.ts";

const mebibyte = 1024 * 1024;

/** An array of so many items of these bytes. */
function arrayOf(item: readonly number[], count: number): Uint8Array {
  const bytes = new Uint8Array(5 + item.length * count);
  bytes[0] = 0x9a;
  new DataView(bytes.buffer).setUint32(1, count);
  for (let i = 0; i < count; i++) bytes.set(item, 5 + i * item.length);
  return bytes;
}

describe("a message whose values take far more memory than its bytes", () => {
  const codec = new ValueCodec({ maxDepth: 100, maxMessageBytes: 128 * mebibyte });
  const bombs: readonly (readonly [name: string, item: readonly number[]])[] = [
    ["empty maps", [0xa0]],
    ["empty arrays", [0x80]],
    ["empty byte strings", [0x40]],
    ["byte strings of one byte", [0x41, 0]],
    ["empty texts", [0x60]],
    ["dates", [0xc1, 0]],
  ];
  for (const [name, item] of bombs) {
    it(`is refused: ${name}`, () => {
      const bomb = arrayOf(item, Math.floor((40 * mebibyte) / item.length));
      assert.throws(
        () => codec.decode(bomb),
        (error) => error instanceof PluginError && error.code === "too_large" && /maxValues/.test(error.message),
      );
    });
  }

  // With a limit of a 32nd, since that is enough to see that they count.
  const strict = new ValueCodec({ maxDepth: 100, maxMessageBytes: 128 * mebibyte, maxValues: mebibyte });
  const rareBombs: readonly (readonly [name: string, item: readonly number[]])[] = [
    ["Maps", [0xd9, 0x01, 0x03, 0xa0]],
    ["Sets", [0xd9, 0x01, 0x02, 0x80]],
    ["errors", [0xd8, 0x1b, 0x82, 0x65, 0x45, 0x72, 0x72, 0x6f, 0x72, 0xf7]],
    ["URLs", [0xd8, 0x20, 0x63, 0x61, 0x3a, 0x62]],
    ["regular expressions", [0xd9, 0x52, 0x4a, 0x81, 0x61, 0x78]],
    ["typed arrays", [0xd8, 0x56, 0x40]],
    ["marks of shared objects", [0xd8, 0x1c, 0x80]],
  ];
  for (const [name, item] of rareBombs) {
    it(`is refused: ${name}`, () => {
      const bomb = arrayOf(item, 33_000);
      assert.throws(() => strict.decode(bomb), { code: "too_large", message: /maxValues/ });
    });
  }

  it("is taken up to the limit, which can be set", () => {
    const small = new ValueCodec({ maxDepth: 100, maxMessageBytes: mebibyte, maxValues: 100 });
    assert.equal((small.decode(arrayOf([0x01], 92)) as unknown[]).length, 92);
    assert.throws(() => small.decode(arrayOf([0x01], 93)), { code: "too_large" });
    assert.equal((small.decode(arrayOf([0x01], 92)) as unknown[]).length, 92, "each message begins anew");
  });
});
