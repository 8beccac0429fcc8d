import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { frameRules, headerFault, isSkippable } from "../../src/wire/frame.ts";
import { FrameDecoder, FrameEncoder, FrameType, preface } from "../../src/wire/mod.ts";
import { joined } from "../support/joined.ts";
import { decodeAll, toHex } from "../support/wire_collect.ts";
import { pieces, Random } from "../support/wire_random.ts";

/** The rules again, in another form: which flags, lengths and streams each type takes. */
const table: Record<number, { flags: number[]; lengths: [number, number]; onStream: boolean }> = {
  0: { flags: [0, 1, 2, 3, 4, 5], lengths: [0, 65_536], onStream: true },
  1: { flags: [0, 1, 4, 5], lengths: [0, 65_536], onStream: true },
  2: { flags: [0], lengths: [4, 4], onStream: true },
  3: { flags: [1, 2, 3], lengths: [2, 4_098], onStream: true },
  4: { flags: [0, 1], lengths: [8, 8], onStream: false },
  5: { flags: [0, 1], lengths: [6, 4_102], onStream: false },
  6: { flags: [0], lengths: [1, 65_536], onStream: false },
  7: { flags: [0], lengths: [1, 65_536], onStream: false },
  8: { flags: [0], lengths: [32, 32], onStream: false },
};

function isGood(type: number, flags: number, streamId: number, length: number): boolean {
  if (length > 65_536) return false;
  if (type >= 0x40 && type <= 0x7f) return true;
  const rule = table[type];
  if (rule === undefined) return false;
  if (type === 0 && length === 0 && (flags & 4) === 0) return false;
  const fits = length >= rule.lengths[0] && length <= rule.lengths[1];
  return fits && rule.flags.includes(flags) && rule.onStream === (streamId !== 0);
}

describe("the header of a frame", () => {
  for (let type = 0; type <= 9; type++) {
    it(`of type ${type} follows its rule for every flag, length at an edge, and stream`, () => {
      const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 4_098, 4_099, 4_102, 4_103, 65_536, 65_537, 0xff_ffff];
      for (let flags = 0; flags < 256; flags++) {
        for (const length of lengths) {
          for (const streamId of [0, 1, 0xffff_ffff]) {
            const fault = headerFault(type, flags, streamId, length, 65_536);
            const met = `type ${type}, flags ${flags}, stream ${streamId}, ${length} bytes: ${fault}`;
            assert.equal(fault === undefined, isGood(type, flags, streamId, length), met);
          }
        }
      }
    });
  }

  it("is known, optional or an error by its type alone", () => {
    for (let type = 0; type < 256; type++) {
      const fault = headerFault(type, 4, 1, 4, 65_536);
      if (type >= 9) assert.equal(fault === undefined, isSkippable(type), `type ${type}`);
    }
  });

  it("says in words what is wrong, and shows the bytes", () => {
    const bytes = new Uint8Array([...preface, ...new TextEncoder().encode("console.log\n")]);
    const decoder = new FrameDecoder(65_536, { frame: () => assert.fail("no frame") });
    assert.throws(
      () => decoder.push(bytes),
      (error: unknown) => {
        assert.ok(error instanceof PluginError);
        assert.equal(error.code, "protocol");
        assert.match(
          error.message,
          /at most 65536 are taken.*"console\.log\\n".*something else wrote into the session/s,
        );
        return true;
      },
    );
    decoder.push(bytes);
  });
});

describe("encoder and decoder", () => {
  it("give back 2,000 random sequences, in any pieces", () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = new Random(seed);
      const expected: string[] = [];
      const chunks: Uint8Array[] = [];
      const encoder = new FrameEncoder((bytes) => chunks.push(bytes));
      encoder.raw(preface);
      for (let count = random.between(1, 12); count > 0; count--) {
        const type = random.pick([FrameType.data, FrameType.bytes, FrameType.control, FrameType.ping]);
        const long = random.chance(0.02) ? random.between(1, 65_536) : random.between(1, 40);
        const payload = new Uint8Array(type === FrameType.ping ? 8 : long).fill(random.below(256));
        const streamId = type <= FrameType.bytes ? random.between(1, 0xffff_ffff) : 0;
        // Each BYTES frame ends its half, so that pieces of two frames are never taken for one.
        const flags = type === FrameType.bytes ? 4 : 0;
        encoder.frame(type, flags, streamId, payload);
        expected.push(`${type} ${flags} ${streamId} ${toHex(payload)}`);
        if (random.chance(0.3)) encoder.flush();
      }
      encoder.flush();
      const all = joined(chunks);
      const { frames, error } = decodeAll(pieces(random, all, random.pick([1, 16, 4_096, 70_000])));
      const seen = frames.map((frame) => `${frame.type} ${frame.flags} ${frame.streamId} ${frame.payload}`);
      assert.equal(error, undefined);
      assert.deepEqual(seen, expected, `seed ${seed}`);
    }
  });

  it("never write into bytes that were given on", () => {
    const given: [Uint8Array, string][] = [];
    const encoder = new FrameEncoder((bytes) => given.push([bytes, toHex(bytes)]));
    const random = new Random(7);
    for (let i = 0; i < 200; i++) {
      encoder.frame(FrameType.data, 0, 1, new Uint8Array(random.between(1, 40_000)).fill(i));
      if (random.chance(0.3)) encoder.flush();
    }
    for (const [bytes, hex] of given) assert.equal(toHex(bytes), hex);
  });

  it("take no memory for a frame before its header was found good", () => {
    const decoder = new FrameDecoder(65_536, { frame: () => {} });
    decoder.push(preface);
    assert.throws(() => decoder.push(Uint8Array.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1)), PluginError);
  });

  it("take frames over 64 KiB when told so", () => {
    const big = new Uint8Array(100_000).fill(3);
    const chunks: Uint8Array[] = [preface];
    const encoder = new FrameEncoder((bytes) => chunks.push(bytes));
    encoder.frame(FrameType.data, 4, 1, big);
    encoder.flush();
    assert.equal(decodeAll(chunks).error, "protocol");
    assert.equal(decodeAll(chunks, 131_072).frames[0]?.payload.length, 200_000);
  });

  it("know a rule for each type of frame and no more", () => assert.equal(frameRules.length, 9));
});
