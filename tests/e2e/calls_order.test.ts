import assert from "node:assert/strict";
import { it } from "node:test";
import { greeter, work } from "../fixtures/calls/contracts.ts";
import { overEveryWay } from "../support/calls.ts";

const mib = 1_024 * 1_024;

overEveryWay((plugin) => {
  it("starts the calls of one proxy in the order they were made, whatever their size", async () => {
    const proxy = plugin().dispense(work);
    const before = (await proxy.marks()).length;
    const sizes = [10, mib, 10, 70_000, 3, 2 * mib, 1, 33_000, 2];
    assert.deepEqual(await Promise.all(sizes.map((size) => proxy.size("x".repeat(size)))), sizes);
    assert.deepEqual(
      (await proxy.marks()).slice(before),
      sizes.map((size) => `size ${size}`),
    );
  });

  it("does not make a call wait for those of another proxy", async () => {
    const [slow, quick] = [plugin().dispense(work), plugin().dispense(work)];
    let isSlowOver = false;
    const large = slow.size("x".repeat(32 * mib)).then(() => {
      isSlowOver = true;
    });
    assert.equal(await quick.echo("past it"), "past it");
    assert.equal(isSlowOver, false);
    await large;
  });

  it("lets calls finish in any order", async () => {
    const proxy = plugin().dispense(work);
    const held = proxy.untilLetGo("held");
    assert.equal(await proxy.echo("meanwhile"), "meanwhile");
    await proxy.letGo("held");
    assert.equal(await held, "held");
  });

  it("still makes the calls that a disposed proxy had taken", async () => {
    let all: Promise<number[]>;
    {
      using proxy = plugin().dispense(work);
      all = Promise.all([proxy.size("x".repeat(mib)), proxy.size("xy"), proxy.count()]);
    }
    assert.deepEqual(await all, [mib, 2, 1]);
  });

  it("refuses calls of a proxy that was disposed of", async () => {
    const proxy = plugin().dispense(greeter);
    proxy[Symbol.dispose]();
    proxy[Symbol.dispose]();
    await assert.rejects(proxy.greet("you"), { code: "closed", execution: "none", message: /was disposed of/ });
  });
});
