import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PluginError } from "../../src/errors/mod.ts";
import { assertSame } from "./_same.ts";
import { anyValue, newCodec, seeded, toHex } from "./_support.ts";

const codec = newCodec();
const sharing = newCodec(100, 1 << 20, { shared: true });

test("any value arrives as it was, by class, -0, holes and bytes, 10,000 of them", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assertSame(codec.decode(codec.encode(value)), value);
    }),
    { numRuns: 10_000, seed: 3 },
  );
});

test("what arrives is encoded to the same bytes again", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = codec.encode(value);
      assert.equal(toHex(codec.encode(codec.decode(bytes))), toHex(bytes));
    }),
    { numRuns: 2_000, seed: 4 },
  );
});

/** Lays ways from objects of the value to others, so that some are met twice and some hold themselves. */
function entangle(value: unknown, random: () => number): unknown {
  const objects: object[] = [];
  collect(value, objects);
  for (let i = 0; i < objects.length; i++) {
    if (random() % 2 === 0) continue;
    const target = objects[random() % objects.length]!;
    const from = objects[i]!;
    if (from instanceof Map) from.set(random() % 2 === 0 ? target : "to", target);
    else if (from instanceof Set) from.add(target);
    else if (Array.isArray(from)) from.push(target);
    else if (from instanceof Error || Object.getPrototypeOf(from) === Object.prototype) {
      Object.defineProperty(from, "to", { value: target, writable: true, enumerable: true, configurable: true });
    }
  }
  return [objects[0], value];
}

function collect(value: unknown, into: object[]): void {
  if (typeof value !== "object" || value === null || into.includes(value)) return;
  into.push(value);
  if (ArrayBuffer.isView(value)) return;
  const inner = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  for (const one of inner) collect(one, into);
}

test("with the option shared, structure that is shared or cyclic arrives as it was, 4,000 of them", () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), (value, seed) => {
      const tangled = entangle(value, seeded(seed));
      assertSame(codec.decode(sharing.encode(tangled)), tangled, true);
    }),
    { numRuns: 4_000, seed: 5 },
  );
});

test("with the option shared, what is met once is encoded as without", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      // Of the arbitraries some give the same object twice.
      const bytes = codec.encode(codec.decode(codec.encode(value)));
      assert.equal(toHex(sharing.encode(codec.decode(bytes))), toHex(bytes));
    }),
    { numRuns: 1_000, seed: 6 },
  );
});

/** Changes some bytes of a message, in one of the ways in which a hostile one would be made. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i <= random() % 4; i++) {
    const at = random() % copy.length;
    const way = random() % 4;
    if (way === 0) copy[at] = random();
    else if (way === 1) copy[at]! ^= 1 << (random() % 8);
    else if (way === 2) copy[at] = interesting[random() % interesting.length]!;
    else copy.copyWithin(at, random() % copy.length);
  }
  return random() % 4 === 0 ? copy.subarray(0, random() % (copy.length + 1)) : copy;
}

const interesting = [
  0x1b, 0x3b, 0x40, 0x5b, 0x60, 0x7f, 0x80, 0x9b, 0xa0, 0xbb, 0xc1, 0xc2, 0xd8, 0xd9, 0xf7, 0xf9, 0xff,
];

test("any message with bytes changed is read or refused, and leaves the decoder fit for the next", () => {
  const good = codec.encode([{ a: 1 }, new Map([["b", [2]]])]);
  let refused = 0;
  let read = 0;
  const outcome = fc.property(anyValue, fc.nat(), (value, seed) => {
    const random = seeded(seed);
    const message = (seed % 2 === 0 ? codec : sharing).encode(seed % 2 === 0 ? value : entangle(value, random));
    for (let i = 0; i < 8; i++) {
      try {
        codec.decode(mutated(message, random));
        read++;
      } catch (error) {
        assert.ok(error instanceof PluginError, String((error as Error).stack));
        assert.ok(error.code === "too_large" || /^malformed message at byte \d+: /.test(error.message), error.message);
        refused++;
      }
    }
    assert.deepEqual(codec.decode(good), [{ a: 1 }, new Map([["b", [2]]])]);
  });
  fc.assert(outcome, { numRuns: 2_500, seed: 7 });
  assert.ok(refused > 1_000 && read > 1_000, `${refused} refused, ${read} read`);
});
