/** Seeded chance, and byte strings that look like sessions: shared by tests and by `scripts/fuzz/`. */

/** A generator of numbers that a seed decides wholly (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 up to and without `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** Cuts bytes into random pieces, each a copy of its own. */
export function* pieces(random: Random, bytes: Uint8Array, most = 64): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.between(1, most));
    yield bytes.slice(at, end);
    at = end;
  }
}

/** The eight bytes a session begins with, written out here so that they are checked against the code. */
export const prefaceBytes: Uint8Array = Uint8Array.of(0x89, 0x50, 0x57, 0x49, 0x52, 0x45, 0x0d, 0x0a);

const scratch = new Uint8Array(512);

/**
 * One random string, of at most 512 bytes: noise, or frames that are mostly good with now and then a byte changed,
 * a piece cut out, or an end cut off. The bytes are overwritten by the next call.
 */
export function randomString(random: Random): Uint8Array {
  if (random.chance(0.1)) return noise(random, random.below(64));
  let at = 0;
  scratch.set(prefaceBytes);
  at += prefaceBytes.length;
  for (let count = random.between(1, 5); count > 0; count--) at = randomFrame(random, at);
  const changes = random.chance(0.5) ? random.between(1, 3) : 0;
  for (let i = 0; i < changes; i++) scratch[random.below(at)] = random.below(256);
  return scratch.subarray(0, random.chance(0.2) ? random.below(at + 1) : at);
}

function noise(random: Random, length: number): Uint8Array {
  for (let i = 0; i < length; i++) scratch[i] = random.below(256);
  return scratch.subarray(0, length);
}

/** What each type may have: flags, least and most bytes. */
const shapes: readonly (readonly [type: number, flags: readonly number[], least: number, most: number])[] = [
  [0, [0, 1, 2, 3, 4, 5], 1, 24],
  [1, [0, 1, 4, 5], 0, 24],
  [2, [0], 4, 4],
  [3, [1, 2, 3], 2, 12],
  [4, [0, 1], 8, 8],
  [5, [0, 1], 6, 14],
  [6, [0], 1, 12],
  [7, [0], 1, 12],
  [8, [0], 32, 32],
  [0x40, [0, 255], 0, 12],
];

function randomFrame(random: Random, start: number): number {
  const [type, flags, least, most] = random.pick(shapes);
  const length = random.between(least, most);
  const streamId = type <= 3 ? random.between(1, 6) : 0;
  scratch.set([0, length >>> 8, length, type, random.pick(flags), 0, 0, 0, streamId], start);
  const at = start + 9;
  // A total that small fragments can add up to.
  for (let i = 0; i < length; i++) scratch[at + i] = type === 0 && i < 3 ? 0 : random.below(32);
  return at + length;
}
