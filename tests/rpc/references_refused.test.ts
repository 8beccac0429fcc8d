import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reference } from "../../mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { inLab, nothingHeld } from "./_references.ts";

interface Lab {
  take(value: unknown): void;
}

class Unreadable {
  get [Symbol.toStringTag](): string {
    throw new RangeError("no tag");
  }
  run(): void {}
}

class Uniterable {
  get [Symbol.asyncIterator](): undefined {
    throw new RangeError("no iterator");
  }
  run(): void {}
}

function withMethods(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`method${i}`, () => i]));
}

const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["an object of more methods than a peer takes", () => withMethods(4_097), /it has 4097 methods; .* at most 4096/],
  ["an object whose tag throws", () => new Unreadable(), /it cannot be read: no tag/],
  ["a marked object whose tag throws", () => reference(new Unreadable()), /it cannot be read: no tag/],
  ["an object whose asynchronous iterator throws", () => new Uniterable(), /it cannot be read: no iterator/],
  [
    "a proxy whose prototype throws",
    () =>
      new Proxy(() => {}, {
        getPrototypeOf() {
          throw new RangeError("no prototype");
        },
      }),
    /it cannot be read: no prototype/,
  ],
];

describe("what cannot cross by reference is refused here, with its path", () => {
  for (const [name, make, message] of refused) {
    it(name, async () => {
      await inLab<Lab>({ take() {} }, async ({ lab, host, plugin }) => {
        const call = lab.take({ list: [() => {}, make()] });
        const error = await rejectsWith(call, "unsupported_value", { path: "args[0].list[1]", execution: "none" });
        assert.match(error.message, message);
        await nothingHeld(host, plugin);
      });
    });
  }

  it("but an object of as many methods as a peer takes does", async () => {
    await inLab<Lab>({ take() {} }, async ({ lab, host, plugin }) => {
      await lab.take(withMethods(4_096));
      await nothingHeld(host, plugin);
    });
  });
});
