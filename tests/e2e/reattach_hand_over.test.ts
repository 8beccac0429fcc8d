/** Two hosts at the same time: one takes over from the other, or only visits. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { attach, type Plugin, PluginError, type ReattachInfo } from "../../mod.ts";
import { desk, tasks } from "../fixtures/reattach/tasks.ts";
import { isRunning, pluginError, Records, timed } from "../support/life.ts";
import { killLeft, launchLasting, leftNothing } from "../support/reattach.ts";
import { runtimeNames } from "../support/runtimes.ts";

const infos: ReattachInfo[] = [];
after(() => infos.forEach(killLeft));

async function launched(options: Parameters<typeof launchLasting>[0] = {}) {
  const plugin = await launchLasting(options);
  const info = plugin.reattachInfo();
  infos.push(info);
  return { plugin, info };
}

const quiet = { log: false } as const;

for (const runtime of runtimeNames) {
  test(`a live hand-over of a plugin on ${runtime} fails no call of the old host, and none of the new one`, async () => {
    const { plugin: old, info } = await launched({ runtime });
    const before = old.dispense(tasks);
    const running = Array.from({ length: 20 }, (_, i) => before.wait(100 + 20 * i));
    await before.count();
    const next = await attach(info, quiet);
    const proxy = next.dispense(tasks);
    const during = Array.from({ length: 20 }, () => proxy.wait(50));
    assert.deepEqual(
      await Promise.all(running),
      running.map(() => "waited"),
    );
    assert.deepEqual(
      await Promise.all(during),
      during.map(() => "waited"),
    );
    assert.deepEqual(await old.released, { reason: "superseded" });
    assert.equal(await proxy.count(), 2);

    assert.equal((await pluginError(Promise.resolve(before.count()))).code, "superseded");
    assert.equal((await pluginError((async () => old.dispense(tasks))())).code, "superseded");
    assert.equal((await pluginError(old.detach())).code, "superseded");
    await old.stop();
    await old[Symbol.asyncDispose]();
    assert.equal(await proxy.count(), 3, "a host whose place was taken does not end the plugin");

    await next.stop();
    await leftNothing(info);
    // The one that had started it still learns how it ended.
    // Nothing of a plugin that was let go of keeps this process alive until then.
    const alive = setInterval(() => {}, 1_000);
    assert.deepEqual(await old.exited, { code: 0, signal: null });
    clearInterval(alive);
  });
}

test("new calls of a host fail with superseded as soon as another one is there, while its running ones go on", async () => {
  const { plugin: old, info } = await launched();
  const proxy = old.dispense(tasks);
  const running = proxy.wait(1_500);
  const next = await attach(info, quiet);
  const error = await refusedCall(() => proxy.count());
  assert.equal(error.code, "superseded");
  assert.equal(error.execution, "none");
  assert.equal(await running, "waited");
  await next.stop();
  await leftNothing(info);
});

test("a call of a host whose place was taken that does not end is given up after 10 s", async () => {
  const { plugin: old, info } = await launched();
  const hanging = pluginError(Promise.resolve(old.dispense(tasks).hang()));
  await old.ping();
  const began = performance.now();
  const next = await attach(info, quiet);
  const error = await hanging;
  const ms = performance.now() - began;
  assert.equal(error.code, "superseded");
  assert.equal(error.execution, "unknown");
  assert.ok(ms > 9_500, `${ms} ms`);
  assert.equal(await next.dispense(tasks).aborted(1), 1);
  assert.deepEqual(await old.released, { reason: "superseded" });
  await next.stop();
  await leftNothing(info);
});

/** The error of the first call that is refused. */
async function refusedCall(call: () => Promise<unknown>): Promise<PluginError> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    try {
      await call();
    } catch (error) {
      assert.ok(error instanceof PluginError);
      return error;
    }
  }
  assert.fail("no call was refused");
}

test("a host that stops the plugin while another one takes it over does not kill it", async () => {
  for (let round = 0; round < 5; round++) {
    const { plugin: old, info } = await launched();
    const [taken] = await Promise.allSettled([attach(info, quiet), old.stop({ graceMs: 500 })]);
    if (taken.status === "rejected") {
      // The stop came first.
      assert.ok(taken.reason instanceof PluginError, String(taken.reason));
      assert.ok(["exited", "closed"].includes(taken.reason.code), taken.reason.message);
    } else {
      const next = taken.value;
      const answer = await (async () => await next.dispense(tasks).count())().catch((error: PluginError) => error.code);
      if (answer === 1) await next.stop();
      else assert.ok(answer === "exited" || answer === "closed" || answer === "draining", String(answer));
    }
    await leftNothing(info);
  }
});

test("a guest beside the owner calls, leaves, and nobody notices", async () => {
  const { plugin: owner, info } = await launched();
  const guest = await attach(info, { guest: true });
  assert.equal(guest.pid, owner.pid);
  assert.equal(await guest.dispense(tasks).count(), 1);
  assert.equal(await owner.dispense(tasks).count(), 2);
  const notOwn = /^TypeError: plugin reattach is none that this host launched with reattach or took over: its owner/;
  assert.throws(() => guest.reattachInfo(), notOwn);
  await assert.rejects(guest.detach(), notOwn);
  assert.deepEqual(await guest.stop(), { code: null, signal: null });
  assert.deepEqual(await guest.released, { reason: "detached" });
  assert.equal(await owner.dispense(tasks).count(), 3);
  await owner.stop();
  await leftNothing(info);
});

test("a guest leaves after the grace it was attached with, and says in its own log what was under way", async () => {
  const { plugin: owner, info } = await launched();
  const records = new Records();
  const guest = await attach(info, { guest: true, graceMs: 50, log: records.sink });
  const hanging = pluginError(guest.dispense(tasks).hang());
  assert.ok((await timed(() => guest.stop())) < 1_900, "not the default of 2,000 ms");
  assert.equal((await hanging).code, "closed");
  assert.match(records.text(), /hang/);
  await owner.stop();
  await leftNothing(info);
});

test("guests see the plugin end when its owner stops it", async () => {
  const { plugin: owner, info } = await launched();
  const guest = await attach(info, { guest: true });
  await owner.stop();
  assert.deepEqual(await guest.released, { reason: "ended" });
  assert.deepEqual(await guest.exited, { code: null, signal: null });
  assert.equal((await pluginError(Promise.resolve().then(() => guest.dispense(tasks).count()))).code, "closed");
  await leftNothing(info);
});

test("a plugin has 16 guests and no more, and its owner all the same", async () => {
  const { plugin: owner, info } = await launched();
  const guests: Plugin[] = [];
  while (guests.length < 16) guests.push(await attach(info, { guest: true }));
  const refused = await pluginError(
    attach(info, { guest: true }).then(async (guest) => {
      await guest.dispense(tasks).count();
      await guest.stop();
    }),
  );
  assert.equal(refused.code, "closed");
  assert.match(refused.message, /16 guests/);
  await guests[0]!.stop();
  const another = await attach(info, { guest: true });
  assert.equal(await another.dispense(tasks).count(), 1);
  const next = await attach(info, quiet);
  assert.equal(await next.dispense(tasks).count(), 2);
  assert.deepEqual(await owner.released, { reason: "superseded" });
  await next.stop();
  for (const guest of [...guests, another]) await guest.stop();
  await leftNothing(info);
});

test("sixteen guests may come at the same instant", async () => {
  const { plugin, info } = await launched();
  const guests = await Promise.all(Array.from({ length: 16 }, () => attach(info, { guest: true })));
  const counts = await Promise.all(guests.map((guest) => guest.dispense(tasks).count()));
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    Array.from({ length: 16 }, (_, i) => i + 1),
  );
  await Promise.all(guests.map((guest) => guest.stop()));
  await plugin.stop();
  await leftNothing(info);
});

test("connections that do not prove themselves are bounded while the plugin has its host", async () => {
  const { plugin, info } = await launched();
  assert.equal(info.address.network, "unix");
  const path = (info.address as { readonly path: string }).path;
  const sockets: Socket[] = [];
  const open = (): { readonly greeted: Promise<void>; readonly closed: Promise<number> } => {
    const greeted = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<number>();
    let bytes = 0;
    const socket = connect(path);
    sockets.push(socket);
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      greeted.resolve();
    });
    // To write to one that was closed is an error on some.
    socket.on("error", () => {});
    socket.on("close", () => {
      greeted.reject(new Error("it was closed before the plugin had said anything"));
      closed.resolve(bytes);
    });
    greeted.promise.catch(() => {});
    return { greeted: greeted.promise, closed: closed.promise };
  };
  try {
    // Each gets the plugin's preface, once it is one of the eight.
    for (let i = 0; i < 8; i++) await open().greeted;
    assert.equal(await open().closed, 0);
    assert.equal(await plugin.dispense(tasks).count(), 1);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  await plugin.stop();
  await leftNothing(info);
});

test("a host that only knows other versions, or contracts that are missing, takes nobody's place", async () => {
  const { plugin, info } = await launched();
  const error = await pluginError(attach(info, { ...quiet, versions: { 7: { tasks } } }));
  assert.equal(error.code, "no_common_version");
  assert.deepEqual(error.pluginVersions, [1, 2]);
  const missing = await pluginError(attach(info, { ...quiet, contracts: [desk] }));
  assert.equal(missing.code, "no_such_contract");
  assert.equal(missing.contract, "desk");
  assert.equal(await plugin.dispense(tasks).count(), 1);
  await plugin.stop();
  await leftNothing(info);
});

test("a plugin that was detached is no matter of this host's any more", async () => {
  const { plugin, info } = await launched();
  const proxy = plugin.dispense(tasks);
  const running = proxy.wait(200);
  const detached = await plugin.detach();
  assert.equal(await running, "waited");
  assert.equal(detached.instance, info.instance);
  assert.deepEqual(await plugin.detach(), detached);
  assert.deepEqual(await plugin.released, { reason: "detached" });
  const error = await pluginError(Promise.resolve(proxy.count()));
  assert.equal(error.code, "closed");
  assert.match(error.message, /was detached/);
  assert.deepEqual(await plugin.stop(), { code: null, signal: null });
  assert.ok(isRunning(info.pid));
  await using again = await attach(detached, quiet);
  assert.equal(await again.dispense(tasks).count(), 1);
  await again.stop();
  await leftNothing(info);
});

test("of stop() and detach() the first counts, at once", async () => {
  const { plugin, info } = await launched();
  const [stopped, refused] = await Promise.all([plugin.stop(), pluginError(plugin.detach())]);
  assert.deepEqual(stopped, { code: 0, signal: null });
  assert.equal(refused.code, "closed");
  assert.match(refused.message, /was stopped/);
  await leftNothing(info);
  const second = await launched();
  const [detached, status] = await Promise.all([second.plugin.detach(), second.plugin.stop()]);
  assert.deepEqual(status, { code: null, signal: null });
  assert.ok(isRunning(detached.pid));
  await using next = await attach(detached, quiet);
  await next.stop();
  await leftNothing(detached);
});

test("detach waits for running calls as long as the grace, and then aborts them", async () => {
  const { plugin, info } = await launched({ graceMs: 300 });
  const hanging = pluginError(Promise.resolve(plugin.dispense(tasks).hang()));
  await plugin.ping();
  const ms = await timed(() => plugin.detach());
  assert.ok(ms >= 290, `${ms} ms`);
  const error = await hanging;
  assert.equal(error.code, "closed");
  assert.match(error.message, /detached before the call had ended/);
  await using again = await attach(info, quiet);
  assert.equal(await again.dispense(tasks).aborted(1), 1);
  await again.stop();
  await leftNothing(info);
});
