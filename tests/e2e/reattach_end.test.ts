/** How plugins that outlive their hosts come to an end, and that nothing of them is left then. */
import assert from "node:assert/strict";
import { existsSync, utimesSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { attach, launch, type ReattachInfo, readReattachInfo } from "../../mod.ts";
import { tasks } from "../fixtures/reattach/tasks.ts";
import { gone, isRunning, launchDirectories, leavesNothing, pluginError, program } from "../support/life.ts";
import { directoryOf, killLeft, launchLasting, leftNothing, startHost, withDirectory } from "../support/reattach.ts";
import { currentRuntime, runtimeNames } from "../support/runtimes.ts";

const infos: ReattachInfo[] = [];
after(() => infos.forEach(killLeft));
const quiet = { log: false } as const;

async function launched(options: Parameters<typeof launchLasting>[0] = {}) {
  const plugin = await launchLasting(options);
  const info = plugin.reattachInfo();
  infos.push(info);
  return { plugin, info };
}

for (const runtime of runtimeNames) {
  test(`a plugin on ${runtime} that nobody takes over ends when its time is over, and leaves nothing`, async () => {
    const { plugin, info } = await launched({ runtime, reattach: { lingerMs: 200 } });
    await plugin.detach();
    await leftNothing(info);
    assert.equal((await pluginError(attach(info, quiet))).code, "exited");
  });

  test(`a plugin on ${runtime} without a host ends by SIGTERM, and leaves nothing`, async () => {
    const { plugin, info } = await launched({ runtime });
    await plugin.detach();
    process.kill(info.pid, "SIGTERM");
    await leftNothing(info);
  });

  test(`a plugin on ${runtime} is stopped by the host that launched it, which learns how it ended`, async () => {
    const { plugin, info } = await launched({ runtime });
    assert.deepEqual(await plugin.stop(), { code: 0, signal: null });
    assert.deepEqual(await plugin.exited, { code: 0, signal: null });
    await leftNothing(info);
  });

  test(`a host on this runtime detaches from a plugin on ${runtime} and exits at once; the plugin goes on`, async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, "info.json");
      const host = await startHost(currentRuntime, runtime, file, "detach");
      // Nothing of the plugin keeps the host's process, which has nothing else to do.
      assert.deepEqual(await host.ended, { code: 0, signal: null });
      assert.ok(host.said.detachMs! < 10_000, `detached in ${host.said.detachMs} ms`);
      const info = await readReattachInfo(file);
      infos.push(info);
      await using plugin = await attach(info, quiet);
      assert.equal(await plugin.dispense(tasks).count(), 2);
      await plugin.stop();
      await leftNothing(info);
    });
  });
}

test("a plugin outlives a host that exits without a word", async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    const host = await startHost(currentRuntime, currentRuntime, file, "exit");
    assert.deepEqual(await host.ended, { code: 3, signal: null });
    const info = await readReattachInfo(file);
    infos.push(info);
    await using plugin = await attach(info, quiet);
    assert.equal(await plugin.dispense(tasks).count(), 2);
    await plugin.stop();
    await leftNothing(info);
  });
});

test("the time begins anew with each host that leaves, and guests do not hold it up", async () => {
  const { plugin, info } = await launched({ reattach: { lingerMs: 4_000 } });
  await plugin.detach();
  const next = await attach(info, quiet);
  const guest = await attach(info, { guest: true });
  await next.dispense(tasks).wait(5_000);
  assert.ok(isRunning(info.pid), "with a host its time does not run");
  await next.detach();
  assert.deepEqual(await guest.released, { reason: "ended" });
  await leftNothing(info);
});

test("a plugin that dies while this host has taken it over is told of, and what it left is removed", async () => {
  const { plugin, info } = await launched();
  await plugin.detach();
  const next = await attach(info, quiet);
  const running = pluginError(Promise.resolve(next.dispense(tasks).hang()));
  process.kill(info.pid, "SIGKILL");
  assert.deepEqual(await next.exited, { code: null, signal: null });
  assert.deepEqual(await next.released, { reason: "ended" });
  const error = await running;
  assert.equal(error.code, "exited");
  assert.match(error.message, /has ended/);
  assert.deepEqual(await next.stop(), { code: null, signal: null });
  await leftNothing(info);
});

test("twenty launches that are detached, taken over and stopped leave nothing", async () => {
  await leavesNothing(async () => {
    for (let round = 0; round < 5; round++) {
      const turn = async (): Promise<void> => {
        const { plugin, info } = await launched();
        await plugin.detach();
        await using next = await attach(info, quiet);
        await next.dispense(tasks).count();
        await next.stop();
        await leftNothing(info);
      };
      await Promise.all([turn(), turn(), turn(), turn()]);
    }
  });
});

test("a start that fails leaves nothing, and says why", async () => {
  await leavesNothing(async () => {
    const error = await pluginError(launch(program("throws.ts"), { ...quiet, reattach: true }));
    assert.equal(error.code, "exited");
    assert.notEqual(error.stderr, "");
    const late = { ...quiet, reattach: true, startTimeoutMs: 500 };
    assert.equal((await pluginError(launch(["sleep", "60"], late))).code, "timeout");
  });
});

test("a later host removes what dead plugins left, and never the directory of a living one", async () => {
  await withDirectory(async (directory) => {
    const hostOf = path.join(directory, "info.json");
    const host = await startHost(currentRuntime, currentRuntime, hostOf, "exit");
    await host.ended;
    const living = await readReattachInfo(hostOf);
    infos.push(living);
    const second = await startHost(currentRuntime, currentRuntime, hostOf, "exit");
    await second.ended;
    const dead = await readReattachInfo(hostOf);
    infos.push(dead);
    process.kill(dead.pid, "SIGKILL");
    await gone(dead.pid);
    for (const info of [living, dead]) {
      const long = Date.now() / 1_000 - 7_200;
      const output = ["stdout", "stderr"].map((name) => `${info.output!.directory}/${name}`);
      for (const each of [directoryOf(info), ...output]) utimesSync(each, long, long);
    }
    const sweeper = await startHost(currentRuntime, currentRuntime, path.join(directory, "other.json"), "detach");
    infos.push(await readReattachInfo(path.join(directory, "other.json")));
    await sweeper.ended;
    assert.ok(!existsSync(directoryOf(dead)), "what the dead one left is still there");
    assert.ok(existsSync(directoryOf(living)));
    await using plugin = await attach(living, quiet);
    assert.equal(await plugin.dispense(tasks).count(), 2);
    await plugin.stop();
    await leftNothing(living);
    await using other = await attach(infos.at(-1)!, quiet);
    await other.stop();
  });
});

test("reattach goes neither with stdio nor with times that are none", async () => {
  const before = launchDirectories();
  await assert.rejects(launchLasting({ transport: "stdio" }), TypeError);
  await assert.rejects(launchLasting({ reattach: { lingerMs: 0.5 } }), RangeError);
  await assert.rejects(launchLasting({ reattach: { lingerMs: 2 ** 31 } }), RangeError);
  await assert.rejects(launchLasting({ reattach: { linger: 1 } as never }), TypeError);
  await assert.rejects(launchLasting({ reattach: 5 as never }), TypeError);
  await using plugin = await launch(program("plugin.ts"), quiet);
  assert.throws(() => plugin.reattachInfo(), /not launched with reattach/);
  await assert.rejects(plugin.detach(), /not launched with reattach/);
  await plugin.stop();
  assert.deepEqual(await plugin.released, { reason: "ended" });
  assert.deepEqual(launchDirectories(), before);
});
