import assert from "node:assert/strict";
import { it } from "node:test";
import { withOptions } from "../../mod.ts";
import { nest, work } from "../fixtures/calls/contracts.ts";
import { overEveryWay, program, provided, rejectsWith } from "../support/calls.ts";

const kib = 1_024;
const mib = kib * kib;

/** A mark that no other test uses. */
const mark = (() => {
  let count = 0;
  return () => `mark ${++count}`;
})();

overEveryWay((plugin, way) => {
  it("never sends a call whose signal was aborted before", async () => {
    const proxy = plugin().dispense(work);
    const reason = new Error("changed my mind");
    const cancelled = withOptions(proxy, { signal: AbortSignal.abort(reason) });
    await assert.rejects(cancelled.count(), (error) => error === reason);
    assert.equal(await proxy.count(), 1);
  });

  it("never sends a call that is cancelled while it stands in line behind a large one", async () => {
    const proxy = plugin().dispense(work);
    const before = (await proxy.marks()).length;
    const controller = new AbortController();
    const large = proxy.size("x".repeat(4 * mib));
    const behind = withOptions(proxy, { signal: controller.signal }).size("behind");
    const after = proxy.size("after");
    controller.abort("no more");
    await assert.rejects(behind, (error) => error === "no more");
    assert.deepEqual(await Promise.all([large, after]), [4 * mib, 5]);
    assert.deepEqual((await proxy.marks()).slice(before), [`size ${4 * mib}`, "size 5"]);
  });

  it("never runs a large call that is cancelled in the midst of its sending", async () => {
    const proxy = plugin().dispense(work);
    const before = (await proxy.marks()).length;
    const controller = new AbortController();
    const large = withOptions(proxy, { signal: controller.signal }).size("x".repeat(8 * mib));
    const after = proxy.size("next");
    controller.abort("no more");
    await assert.rejects(large, (error) => error === "no more");
    assert.equal(await after, 4);
    assert.deepEqual((await proxy.marks()).slice(before), ["size 4"]);
  });

  it("tells a running implementation that its call was cancelled, and why", async () => {
    const proxy = plugin().dispense(work);
    const name = mark();
    const controller = new AbortController();
    const call = withOptions(proxy, { signal: controller.signal }).untilCancelled(name);
    await proxy.began(name);
    const reason = new TypeError("the user left");
    controller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
    assert.deepEqual(await proxy.cancelledWith(name), { code: "cancelled", cause: "the user left" });
  });

  it("settles a call once: a reply that comes after it was cancelled is not taken", async () => {
    const proxy = plugin().dispense(work);
    for (let round = 0; round < 50; round++) {
      const controller = new AbortController();
      const call = withOptions(proxy, { signal: controller.signal }).echo(round);
      const other = proxy.echo(`other ${round}`);
      void other.then(() => controller.abort("late"));
      const first = await call.catch((error: unknown) => error);
      assert.ok(first === round || first === "late");
      assert.equal(await call.catch((error: unknown) => error), first);
      assert.equal(await other, `other ${round}`);
    }
  });

  it("cancels calls with reasons that cannot cross", async () => {
    const proxy = plugin().dispense(work);
    const hostile = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("not even that");
      },
    });
    for (const reason of [hostile, "x".repeat(10_000), Symbol("s"), new Map(), { code: "\ud800" }]) {
      const name = mark();
      const controller = new AbortController();
      const call = withOptions(proxy, { signal: controller.signal }).untilCancelled(name);
      await proxy.began(name);
      controller.abort(reason);
      await assert.rejects(call, (error) => error === reason);
      assert.equal((await proxy.cancelledWith(name)).code, "cancelled");
    }
  });

  it("gives up a call at its deadline, and tells the implementation", async () => {
    const proxy = plugin().dispense(work);
    const name = mark();
    const late = withOptions(proxy, { timeoutMs: 40 }).untilCancelled(name);
    const error = await rejectsWith(late, "timeout", {
      execution: "unknown",
      contract: "work",
      method: "untilCancelled",
    });
    assert.match(error.message, /work\.untilCancelled did not answer within 40 ms/);
    assert.equal((await proxy.cancelledWith(name)).code, "timeout");
  });

  it("knows of a call that timed out before it was sent that it did not run", async () => {
    await using narrow = await way.open(program, { provide: provided(), pluginLimits: { maxStreams: 1 } });
    const proxy = narrow.dispense(work);
    const controller = new AbortController();
    const name = mark();
    const running = withOptions(proxy, { signal: controller.signal }).untilCancelled(name);
    await rejectsWith(withOptions(proxy, { timeoutMs: 20 }).count(), "timeout", { execution: "none" });
    controller.abort("enough");
    await assert.rejects(running, (error) => error === "enough");
    assert.equal(await proxy.count(), 1);
  });

  it("says how much time is left, and passes it on to calls made in a call", async () => {
    const { leftMs } = await withOptions(plugin().dispense(work), { timeoutMs: 60_000 }).context();
    assert.ok(leftMs !== undefined && leftMs > 30_000 && leftMs <= 60_100, `${leftMs} ms`);
    const nested = await withOptions(plugin().dispense(nest), { timeoutMs: 60_000 }).leftMs();
    assert.ok(nested !== undefined && nested > 30_000 && nested <= 60_100, `${nested} ms`);
    assert.equal(await plugin().dispense(nest).leftMs(), undefined);
  });

  it("takes the shorter of two times and either of two signals", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const proxy = withOptions(plugin().dispense(work), { timeoutMs: 60_000, signal: first.signal });
    const both = withOptions(proxy, { timeoutMs: 50_000, signal: second.signal });
    assert.ok(((await both.context()).leftMs ?? 0) <= 50_100);
    first.abort("the first");
    await assert.rejects(both.count(), (error) => error === "the first");
    assert.throws(() => withOptions(proxy, { timeoutMs: -1 }), RangeError);
    assert.throws(() => withOptions(proxy, { timeoutMs: Number.NaN }), RangeError);
    assert.throws(() => withOptions({}, { timeoutMs: 1 }), TypeError);
  });

  it("cancels what a cancelled call has called in its turn", async () => {
    const proxy = plugin().dispense(nest);
    const name = mark();
    const controller = new AbortController();
    const call = withOptions(proxy, { signal: controller.signal }).passesCancellation(name);
    await plugin().dispense(work).began(name);
    controller.abort("all of it");
    await assert.rejects(call, (error) => error === "all of it");
    assert.equal(await proxy.outcome(name), "cancelled");
  });

  it("leaves alone what a call has left going in the background", async () => {
    const proxy = plugin().dispense(nest);
    const name = mark();
    await withOptions(proxy, { timeoutMs: 30 }).background(name);
    // Its time has passed by then.
    await rejectsWith(withOptions(plugin().dispense(work), { timeoutMs: 60 }).untilCancelled(mark()), "timeout");
    await plugin().dispense(work).letGo(name);
    assert.equal(await proxy.outcome(name), "the host heard from the background");
  });
});
