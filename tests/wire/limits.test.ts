import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inProcess } from "../../src/host/mod.ts";
import { defaultLimits, fullLimits } from "../../src/wire/mod.ts";

describe("limits", () => {
  it("have their defaults where nothing is said", () => {
    assert.deepEqual(fullLimits(), defaultLimits);
    assert.equal(fullLimits({ maxStreams: 7 }).maxStreams, 7);
  });

  for (const [name, value] of [
    ["maxFrameBytes", 65_535],
    ["maxFrameBytes", 2 ** 24],
    ["maxStreams", 0],
    ["maxMessageBytes", 65_535],
    ["maxMessageBytes", 2 ** 32],
    ["maxMessageBytes", 1e6 + 0.5],
    ["maxDispensed", -1],
  ] as const) {
    it(`refuse ${name} of ${value}, which no hello can say`, async () => {
      const limits = { [name]: value };
      assert.throws(() => fullLimits(limits), { name: "RangeError", message: new RegExp(`limits\\.${name} must be`) });
      await assert.rejects(inProcess([], { limits }), RangeError);
      await assert.rejects(inProcess({ versions: { 1: [] }, limits }), RangeError);
    });
  }

  it("refuse a room that one message would not fit into", () => {
    assert.throws(
      () => fullLimits({ maxBufferedBytes: 65_536 }),
      /maxBufferedBytes .* at least limits\.maxMessageBytes/,
    );
  });
});
