import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Plugin } from "../../mod.ts";
import { board, sheet } from "../fixtures/references/contracts.ts";
import { makeServed } from "../fixtures/references/served.ts";
import { type PluginProgram, pluginWays } from "../support/plugins.ts";

const program: PluginProgram = {
  makeServed,
  script: new URL("../fixtures/references/plugin.ts", import.meta.url),
};

for (const way of pluginWays) {
  describe(`references through ${way.name}`, () => {
    let plugin: Plugin;
    before(async () => {
      plugin = await way.open(program, { limits: { maxReferences: 50 }, pluginLimits: { maxReferences: 50 } });
    });
    after(() => plugin.stop());

    it("call back, as often as it is wanted: what was lent is given back with each call", async () => {
      const proxy = plugin.dispense(board);
      // Far more than either side may hold at once.
      for (let n = 0; n < 300; n++) assert.equal(await proxy.each([n, 1], (item) => item * 2), 2 * n + 2);
      const all = await Promise.all(Array.from({ length: 40 }, (_, n) => proxy.each([n], (item) => item)));
      assert.deepEqual(
        all,
        Array.from({ length: 40 }, (_, n) => n),
      );
    });

    it("call each other, deep", async () => {
      const proxy = plugin.dispense(board);
      const back = async (depth: number): Promise<string> =>
        depth === 0 ? "host" : `host > ${await proxy.bounce(depth - 1, back)}`;
      assert.equal(await proxy.bounce(6, back), "plugin > host > plugin > host > plugin > host > plugin");
    });

    it("listen until they are told to stop", async () => {
      const proxy = plugin.dispense(board);
      const heard: string[] = [];
      using stop = await proxy.listen((text) => void heard.push(text));
      assert.equal(await proxy.say("one"), 1);
      await stop();
      assert.equal(await proxy.say("two"), 0);
      assert.deepEqual(heard, ["one"]);
    });

    it("are themselves when they come home", async () => {
      const proxy = plugin.dispense(board);
      const mine = { deep: [() => 1], object: { run: () => 2 } };
      const back = (await proxy.same(mine)) as typeof mine;
      assert.equal(back.deep[0], mine.deep[0]);
      assert.equal(back.object, mine.object);
    });

    it("are objects with a state of their own, which give others", async () => {
      using counter = await plugin.dispense(board).counter();
      assert.deepEqual([await counter.next(), await counter.next()], [1, 2]);
      using child = await counter.child();
      assert.equal(await child.next(), 1);
    });

    it("end with the call that they were lent to", async () => {
      const proxy = plugin.dispense(board);
      await proxy.calls(() => {});
      assert.match(await proxy.callLate(), /board\.calls\(callback\) cannot be used any more: .*retain/);
    });

    it("may fail when nobody waits: both sides go on", async () => {
      const proxy = plugin.dispense(board);
      await proxy.forgets(() => {
        throw new Error("unheard");
      });
      assert.equal(await proxy.say("still here"), 0);
    });

    it("are signals, too", async () => {
      const controller = new AbortController();
      const call = plugin.dispense(board).untilAborted({ signal: controller.signal });
      controller.abort("enough");
      assert.equal(await call, "enough");
    });

    it("are called before they are there", async () => {
      const proxy = plugin.dispense(sheet);
      assert.equal(await proxy.cell("abc").add(2), 5);
      assert.equal(await proxy.adder(40)(2), 42);
      const one = proxy.cell("x");
      assert.deepEqual(
        await Promise.all(Array.from({ length: 20 }, () => one.add(1))),
        Array.from({ length: 20 }, (_, n) => n + 2),
      );
      await assert.rejects(Promise.resolve(proxy.missing().get()), { name: "RangeError", message: "no such cell" });
      assert.equal(await proxy.fill((name) => name.length), 2);
    });

    it("that nobody awaits do not pile up", async () => {
      await using narrow = await way.open(program, { limits: { maxReferences: 80 } });
      const proxy = narrow.dispense(sheet);
      for (let n = 0; n < 200; n++) assert.equal(await proxy.cell("abc").get(), 3);
    });
  });
}
