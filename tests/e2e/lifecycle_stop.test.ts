/** stop(): asked first, made to in the end, and always bounded. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { gone, isRunning, leavesNothing, pluginError, program, Records, timed } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

for (const runtime of runtimeNames) {
  for (const transport of ["unix", "stdio"] as const) {
    const options: LaunchOptions = { runtime, transport, log: false };

    test(`a plugin on ${runtime} over ${transport} ends when it is asked, with code 0`, async () => {
      await leavesNothing(async () => {
        const plugin = await launch(program("plugin.ts"), options);
        assert.equal(await plugin.dispense(life).echo(1), 1);
        const ms = await timed(async () => assert.deepEqual(await plugin.stop(), { code: 0, signal: null }));
        assert.ok(ms < 1_500, `took ${Math.round(ms)} ms`);
        assert.deepEqual(await plugin.exited, { code: 0, signal: null });
      });
    });
  }

  test(`a plugin on ${runtime} that something keeps alive gets SIGTERM after the grace`, async () => {
    await leavesNothing(async () => {
      const options: LaunchOptions = { runtime, log: false, args: ["lingers"], graceMs: 300 };
      const plugin = await launch(program("plugin.ts"), options);
      const ms = await timed(async () => assert.equal((await plugin.stop()).signal, "SIGTERM"));
      assert.ok(ms >= 290 && ms < 1_500, `took ${Math.round(ms)} ms`);
    });
  });

  test(`a plugin on ${runtime} that ignores SIGTERM is killed`, async () => {
    await leavesNothing(async () => {
      const options: LaunchOptions = { runtime, log: false, args: ["lingers", "deaf"], graceMs: 200 };
      const plugin = await launch(program("plugin.ts"), options);
      const ms = await timed(async () => assert.equal((await plugin.stop()).signal, "SIGKILL"));
      assert.ok(ms >= 390 && ms < 2_000, `took ${Math.round(ms)} ms`);
    });
  });

  test(`a plugin on ${runtime} whose event loop is blocked is killed`, async () => {
    await leavesNothing(async () => {
      const records = new Records();
      const plugin = await launch(program("plugin.ts"), { runtime, log: records.sink, graceMs: 200 });
      const blocked = pluginError(plugin.dispense(life).block());
      await records.message("blocking");
      const ms = await timed(async () => assert.equal((await plugin.stop()).signal, "SIGKILL"));
      assert.ok(ms < 2_000, `took ${Math.round(ms)} ms`);
      assert.equal((await blocked).execution, "unknown");
    });
  });
}

test("a running call may end, and its result arrives", async () => {
  const records = new Records();
  const plugin = await launch(program("plugin.ts"), { log: records.sink });
  const running = plugin.dispense(life).wait(200);
  await records.message("waiting");
  const stopped = plugin.stop();
  assert.equal(await running, "waited");
  assert.deepEqual(await stopped, { code: 0, signal: null });
});

test("no new call is made while a plugin is being stopped", async () => {
  const records = new Records();
  const plugin = await launch(program("plugin.ts"), { log: records.sink });
  const proxy = plugin.dispense(life);
  const running = proxy.wait(100);
  await records.message("waiting");
  const stopped = plugin.stop();
  const error = await pluginError(proxy.echo(1));
  assert.equal(error.code, "draining");
  assert.equal(error.execution, "none");
  await running;
  await stopped;
});

test("a call that never ends is cut off after the grace, and said so", async () => {
  const records = new Records();
  const plugin = await launch(program("plugin.ts"), { log: records.sink, graceMs: 200 });
  const hanging = pluginError(plugin.dispense(life).hang());
  await records.message("hanging");
  const ms = await timed(() => plugin.stop());
  assert.ok(ms >= 190 && ms < 1_500, `took ${Math.round(ms)} ms`);
  assert.equal((await hanging).execution, "unknown");
  const said =
    /^the grace of 200 ms is over, the plugin is made to end; what still ran: life\.hang runs \(for 0\.2 s or longer\)$/;
  await records.find(({ message }) => said.test(message));
});

test("a call that is cut off rejects before the plugin has been made to end", async () => {
  const records = new Records();
  const options: LaunchOptions = { log: records.sink, args: ["lingers", "deaf"], graceMs: 100 };
  const plugin = await launch(program("plugin.ts"), options);
  const ends: string[] = [];
  const hanging = pluginError(plugin.dispense(life).hang()).then((error) => ends.push(`call ${error.code}`));
  await records.message("hanging");
  const stopped = plugin.stop().then(({ signal }) => ends.push(`stop ${signal}`));
  await Promise.all([hanging, stopped]);
  assert.deepEqual(ends, ["call closed", "stop SIGKILL"]);
});

test("a grace of zero is at once", async () => {
  const plugin = await launch(program("plugin.ts"), { log: false, args: ["lingers", "deaf"], graceMs: 0 });
  const ms = await timed(() => plugin.stop());
  assert.ok(ms < 600, `took ${Math.round(ms)} ms`);
});

test("the grace of stop() wins over that of launch()", async () => {
  const plugin = await launch(program("plugin.ts"), { log: false, args: ["lingers"], graceMs: 60_000 });
  const ms = await timed(() => plugin.stop({ graceMs: 100 }));
  assert.ok(ms >= 90 && ms < 1_500, `took ${Math.round(ms)} ms`);
});

test("a plugin that was stopped by SIGSTOP is killed", async () => {
  await leavesNothing(async () => {
    const plugin = await launch(program("plugin.ts"), { log: false, graceMs: 200 });
    process.kill(plugin.pid!, "SIGSTOP");
    const ms = await timed(async () => assert.equal((await plugin.stop()).signal, "SIGKILL"));
    assert.ok(ms < 2_000, `took ${Math.round(ms)} ms`);
  });
});

test("a grandchild in the plugin's group is gone afterwards", async () => {
  await leavesNothing(async () => {
    const plugin = await launch(program("plugin.ts"), { log: false });
    const pid = await plugin.dispense(life).grandchild(false);
    assert.ok(isRunning(pid));
    const ms = await timed(() => plugin.stop());
    assert.ok(ms < 2_500, `took ${Math.round(ms)} ms`);
    await gone(pid);
  });
});

test("stop twice, at once and later, gives the same end", async () => {
  const plugin = await launch(program("plugin.ts"), { log: false });
  const [first, second] = await Promise.all([plugin.stop(), plugin.stop()]);
  assert.deepEqual(first, { code: 0, signal: null });
  assert.deepEqual(second, first);
  assert.deepEqual(await plugin.stop(), first);
});

test("stop after a crash says how it crashed", async () => {
  const plugin = await launch(program("plugin.ts"), { log: false });
  await pluginError(plugin.dispense(life).exit(7));
  assert.deepEqual(await plugin.stop(), { code: 7, signal: null });
});

test("disposal never throws, whatever became of the plugin", async () => {
  await leavesNothing(async () => {
    const plugin = await launch(program("plugin.ts"), { log: false });
    process.kill(plugin.pid!, "SIGKILL");
    await plugin[Symbol.asyncDispose]();
    await plugin[Symbol.asyncDispose]();
    assert.deepEqual(await plugin.exited, { code: null, signal: "SIGKILL" });
  });
});

test("a block that throws with `await using` throws its own error, and the plugin is gone", async () => {
  let pid = 0;
  const block = async (): Promise<void> => {
    await using plugin = await launch(program("plugin.ts"), { log: false, args: ["lingers"], graceMs: 50 });
    pid = plugin.pid!;
    throw new RangeError("the block's own");
  };
  await assert.rejects(block(), /the block's own/);
  assert.ok(!isRunning(pid));
});

test("a plugin that gets SIGTERM from outside ends in order", async () => {
  await leavesNothing(async () => {
    const plugin = await launch(program("plugin.ts"), { log: false });
    process.kill(plugin.pid!, "SIGTERM");
    assert.deepEqual(await plugin.exited, { code: 0, signal: null });
    await plugin.stop();
  });
});
