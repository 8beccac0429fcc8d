import { PluginError } from "../../src/errors/mod.ts";
import { FrameDecoder } from "../../src/wire/mod.ts";
import { decodeAll } from "./wire_collect.ts";
import { pieces, Random, randomString } from "./wire_random.ts";

/** How often each end was met. */
export interface FuzzTally {
  strings: number;
  frames: number;
  /** Ended between frames or inside one. */
  waiting: number;
  errors: number;
}

/** One string in this many is also fed in pieces, and both outcomes are compared. */
const compareEvery = 32;
const maxFrameBytes = 65_536;

/**
 * Feeds seeded random strings to a decoder. Each must end in frames, in waiting for more, or in a typed error.
 * @throws What broke that, with its seed.
 */
export function fuzzDecoder(from: number, count: number): FuzzTally {
  const tally: FuzzTally = { strings: 0, frames: 0, waiting: 0, errors: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const random = new Random(seed);
    const bytes = randomString(random);
    tally.strings++;
    try {
      feed(bytes, tally);
    } catch (error) {
      if (!(error instanceof PluginError)) throw new Error(`seed ${seed}`, { cause: error });
      if (error.code !== "protocol" && error.code !== "not_plugwire") throw new Error(`seed ${seed}: ${error.code}`);
      tally.errors++;
    }
    if (seed % compareEvery === 0) compare(random, bytes, seed);
  }
  return tally;
}

function feed(bytes: Uint8Array, tally: FuzzTally): void {
  const decoder = new FrameDecoder(maxFrameBytes, {
    frame(_type, _flags, _streamId, payload) {
      tally.frames++;
      if (payload.length > bytes.length) throw new Error("more bytes came out than went in");
    },
  });
  decoder.push(bytes);
  tally.waiting++;
}

function compare(random: Random, bytes: Uint8Array, seed: number): void {
  const copy = bytes.slice();
  const whole = JSON.stringify(decodeAll([copy]));
  const single = JSON.stringify(decodeAll(Array.from(copy, (byte) => Uint8Array.of(byte))));
  const random3 = JSON.stringify(decodeAll(pieces(random, copy, 9)));
  if (whole !== single || whole !== random3) throw new Error(`seed ${seed}: pieces change what is decoded`);
}
