import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { contract, type Interceptor, method, referenceTo, retain } from "../../mod.ts";
import type { RpcSession } from "../../src/rpc/mod.ts";
import { held, inContract, nothingHeld } from "./_references.ts";
import type { SideOptions } from "./_sessions.ts";

const leaf = contract("leaf", { depth: method([], v.number()) });
const node = contract("node", { child: method([], referenceTo(leaf)), depth: method([], v.number()) });
const lab = contract("lab", { root: method([], referenceTo(node)) });

const implementation = {
  root: () => ({ child: () => ({ depth: () => 2 }), depth: () => 1 }),
};

const passOn: Interceptor = (_call, next) => next();
const passOnLate: Interceptor = async (_call, next) => {
  await Promise.resolve();
  return await next();
};

/** Many more than a side keeps, and than are needed to fill what it may hold here. */
const chains = 3_000;
const limits = { maxReferences: 2_200, maxStreams: 256 };

/** What is kept for further calls, with some slack for what is on its way. */
const keptAtMost = 64 + 8;

/** Waits until so few references are held on either side. */
async function heldAtMost(most: number, ...sessions: readonly RpcSession[]): Promise<void> {
  const count = (): number => Math.max(...sessions.flatMap(({ counts }) => [counts.imports, counts.exports]));
  for (let turn = 0; turn < 20 && count() > most; turn++) await Promise.all(sessions.map((one) => one.ping()));
  assert.ok(count() <= most, `${count()} references are held`);
}

const ways: readonly { readonly name: string; readonly host: SideOptions }[] = [
  { name: "without interceptors", host: {} },
  { name: "through an interceptor", host: { interceptors: [passOn] } },
  { name: "through interceptors that take their time", host: { interceptors: [passOnLate, passOnLate] } },
];

for (const { name, host } of ways) {
  describe(`chains of pipelined calls ${name}`, () => {
    const options = { host: { ...host, limits }, plugin: { limits } };

    it("hold no more than the last of them, one after another", async () => {
      await inContract(
        lab,
        implementation,
        async ({ lab: n, host: ours, plugin }) => {
          for (let at = 0; at < chains; at++) assert.equal(await n.root().child().depth(), 2);
          await heldAtMost(keptAtMost, ours, plugin);
          ours.unclaimed.clear();
          await nothingHeld(ours, plugin);
          assert.deepEqual([ours.counts.dispensed, plugin.counts.dispensed], [1, 1]);
        },
        options,
      );
    });

    it("all succeed when they are made at once", async () => {
      await inContract(
        lab,
        implementation,
        async ({ lab: n, host: ours, plugin }) => {
          const depths = await Promise.all(Array.from({ length: chains }, () => n.root().child().depth()));
          assert.ok(depths.every((depth) => depth === 2));
          await heldAtMost(keptAtMost, ours, plugin);
          ours.unclaimed.clear();
          await nothingHeld(ours, plugin);
        },
        options,
      );
    });

    it("leave alone what is awaited as well", async () => {
      await inContract(
        lab,
        implementation,
        async ({ lab: n, host: ours, plugin }) => {
          const root = n.root();
          assert.equal(await root.depth(), 1);
          using mine = await root;
          for (let at = 0; at < 100; at++) await n.root().child().depth();
          assert.equal(await mine.depth(), 1);
          assert.equal(await root.child().depth(), 2);
          ours.unclaimed.clear();
          await held(2, ours, plugin);
        },
        options,
      );
    });
  });
}

describe("what an interceptor keeps of an answer", () => {
  it("stays when it retains it, however many answers come after", async () => {
    let kept: { depth(): Promise<number> } | undefined;
    const keeps: Interceptor = async (call, next) => {
      const given = await next();
      if (call.method === "root" && kept === undefined) kept = retain(given as { depth(): Promise<number> });
      return given;
    };
    await inContract(
      lab,
      implementation,
      async ({ lab: n, host: ours, plugin }) => {
        for (let at = 0; at < 100; at++) await n.root().child().depth();
        assert.equal(await kept?.depth(), 1);
        ours.unclaimed.clear();
        await held(2, ours, plugin);
      },
      { host: { interceptors: [keeps] } },
    );
  });

  it("stays when it gives it a second time", async () => {
    let given: Promise<unknown> | undefined;
    const caches: Interceptor = (call, next) => {
      if (call.method !== "root") return next();
      given ??= next();
      return given;
    };
    await inContract(
      lab,
      implementation,
      async ({ lab: n, host: ours, plugin }) => {
        for (let at = 0; at < 100; at++) assert.equal(await n.root().child().depth(), 2);
        ours.unclaimed.clear();
        await held(2, ours, plugin);
      },
      { host: { interceptors: [caches] } },
    );
  });
});
