/** A host is killed in the midst of its work, and another program on another runtime, of another version, goes on with its plugin. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { attach, type ReattachInfo, readReattachInfo } from "../../mod.ts";
import { desk, newTasks, tasks } from "../fixtures/reattach/tasks.ts";
import { isRunning } from "../support/life.ts";
import { killLeft, leftNothing, startHost, withDirectory } from "../support/reattach.ts";
import { currentRuntime, runtimeNames } from "../support/runtimes.ts";

/** Any but this test's: over the three runtimes of the tests, each comes first with each. */
function drawHost(plugin: (typeof runtimeNames)[number]): (typeof runtimeNames)[number] {
  const at = runtimeNames.indexOf(currentRuntime) + 1 + (runtimeNames.indexOf(plugin) % 2);
  return runtimeNames[at % runtimeNames.length]!;
}

for (const runtime of runtimeNames) {
  const first = drawHost(runtime);
  test(`a plugin on ${runtime} whose host on ${first} was killed in mid-stream goes on with this one`, async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, "info.json");
      let info: ReattachInfo | undefined;
      try {
        const host = await startHost(first, runtime, file, "stream");
        info = await readReattachInfo(file);
        assert.equal(host.said.count, 1);
        host.child.kill("SIGKILL");
        assert.equal((await host.ended).signal, "SIGKILL");
        assert.ok(isRunning(info.pid));

        let printed = "";
        const plugin = await attach(info, {
          versions: { 1: { tasks }, 2: { tasks: newTasks } },
          provide: [desk.implement({ name: () => "the new host" })],
          log: false,
          stdout: (bytes) => {
            printed += new TextDecoder().decode(bytes);
          },
        });
        assert.equal(plugin.pid, host.said.plugin);
        assert.equal(plugin.version, 2);
        assert.ok(plugin.version === 2);
        const proxy = plugin.dispense(plugin.contracts.tasks);
        assert.equal(await proxy.spoken(), 2);
        assert.equal(await proxy.count(), 2, "the implementation lives on");
        assert.equal(await proxy.aborted(1), 1, "the call of the dead host was aborted");
        assert.deepEqual(await proxy.each((item) => `item ${item}`), ["item 1", "item 2", "item 3"]);
        assert.equal(await proxy.hostName(), "the new host");
        const ticks: number[] = [];
        for await (const tick of proxy.ticks()) if (ticks.push(tick) === 3) break;
        assert.deepEqual(ticks, [1, 2, 3]);
        await proxy.print("printed for the new host");

        assert.deepEqual(await plugin.stop(), { code: null, signal: null });
        assert.equal(printed, "printed for the new host\n");
        assert.deepEqual(await plugin.released, { reason: "ended" });
        await leftNothing(info);
      } finally {
        killLeft(info);
      }
    });
  });
}

test("a plugin goes through three hosts, one after another, and what it prints between them is not lost", async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    let info: ReattachInfo | undefined;
    try {
      const [first, second, plugin] = runtimeNames.map(
        (_, i) => runtimeNames[(runtimeNames.indexOf(currentRuntime) + i) % 3]!,
      );
      const a = await startHost(first!, plugin!, file, "detach");
      info = await readReattachInfo(file);
      assert.deepEqual(await a.ended, { code: 0, signal: null });
      assert.equal(a.said.released, "detached");
      const b = await startHost(second!, plugin!, file, "attach");
      assert.deepEqual(await b.ended, { code: 0, signal: null });
      assert.deepEqual([a.said.count, b.said.count], [1, 2]);

      const before = await attach(await readReattachInfo(file), { log: false });
      await before.dispense(tasks).printLater("between two hosts", 50);
      const between = await before.detach();
      let printed = "";
      const hasPrinted = Promise.withResolvers<void>();
      const plugin3 = await attach(between, {
        log: false,
        stdout: (bytes) => {
          printed += new TextDecoder().decode(bytes);
          if (printed.includes("\n")) hasPrinted.resolve();
        },
      });
      assert.equal(await plugin3.dispense(tasks).count(), 3);
      await hasPrinted.promise;
      assert.equal(printed, "between two hosts\n");
      await plugin3.stop();
      await leftNothing(info);
    } finally {
      killLeft(info);
    }
  });
});
