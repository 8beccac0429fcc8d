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

  it("is taken up to the limit, which can be set", () => {
    const small = new ValueCodec({ maxDepth: 100, maxMessageBytes: mebibyte, maxValues: 100 });
    assert.equal((small.decode(arrayOf([0x01], 92)) as unknown[]).length, 92);
    assert.throws(() => small.decode(arrayOf([0x01], 93)), { code: "too_large" });
    assert.equal((small.decode(arrayOf([0x01], 92)) as unknown[]).length, 92, "each message begins anew");
  });
});
