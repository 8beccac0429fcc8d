import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { FrameEncoder, frameRules, preface } from "../../src/wire/mod.ts";
import { decodeAll, fromHex, toHex } from "../support/wire_collect.ts";
import { pieces, Random } from "../support/wire_random.ts";

interface FrameVector {
  readonly name: string;
  readonly hex: string;
  readonly type: string;
  readonly flags: number;
  readonly stream: number;
  readonly payload: string;
}
interface ErrorVector {
  readonly name: string;
  readonly hex: string;
  readonly error: string;
}
interface Vectors {
  readonly preface: string;
  readonly prefaces: readonly ErrorVector[];
  readonly frames: readonly FrameVector[];
  readonly skipped: readonly { readonly name: string; readonly hex: string }[];
  readonly errors: readonly ErrorVector[];
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/frames.json", import.meta.url), "utf8")) as Vectors;
const typeNumber = (name: string): number => frameRules.findIndex((rule) => rule.name === name);
const wholeAndInPieces = (bytes: Uint8Array): Uint8Array[][] => [
  [bytes],
  Array.from(bytes, (byte) => Uint8Array.of(byte)),
  [...pieces(new Random(bytes.length), bytes, 5)],
];

describe("frames.json", () => {
  it("states the preface", () => assert.equal(toHex(preface), vectors.preface));

  for (const vector of vectors.frames) {
    it(`encodes and decodes ${vector.name}`, () => {
      const type = typeNumber(vector.type);
      const written: string[] = [];
      const encoder = new FrameEncoder((bytes) => written.push(toHex(bytes)));
      encoder.frame(type, vector.flags, vector.stream, fromHex(vector.payload));
      encoder.flush();
      assert.deepEqual(written, [vector.hex]);
      const frame = { type, flags: vector.flags, streamId: vector.stream, payload: vector.payload };
      for (const chunks of wholeAndInPieces(fromHex(vectors.preface + vector.hex))) {
        assert.deepEqual(decodeAll(chunks), { frames: [frame], error: undefined });
      }
    });
  }

  for (const vector of vectors.skipped) {
    it(`goes on after ${vector.name}`, () => {
      const ping = "000008040000000000" + "0000000000000001";
      for (const chunks of wholeAndInPieces(fromHex(vectors.preface + vector.hex + ping))) {
        const { frames, error } = decodeAll(chunks);
        assert.equal(error, undefined);
        assert.deepEqual(
          frames.map((frame) => frame.type),
          [4],
        );
      }
    });
  }

  for (const vector of vectors.errors) {
    it(`refuses ${vector.name}`, () => {
      for (const chunks of wholeAndInPieces(fromHex(vectors.preface + vector.hex))) {
        assert.deepEqual(decodeAll(chunks), { frames: [], error: vector.error });
      }
    });
  }

  for (const vector of vectors.prefaces) {
    it(`refuses ${vector.name} in place of the preface`, () => {
      for (const chunks of wholeAndInPieces(fromHex(vector.hex))) {
        assert.deepEqual(decodeAll(chunks), { frames: [], error: vector.error });
      }
    });
  }

  it("has every frame in one sequence, whatever the pieces", () => {
    const all = fromHex(vectors.preface + vectors.frames.map((vector) => vector.hex).join(""));
    const whole = decodeAll([all]);
    assert.equal(whole.error, undefined);
    for (const chunks of wholeAndInPieces(all)) assert.deepEqual(decodeAll(chunks), whole);
    for (let seed = 1; seed <= 200; seed++) {
      assert.deepEqual(decodeAll(pieces(new Random(seed), all, seed)), whole, `seed ${seed}`);
    }
  });
});
