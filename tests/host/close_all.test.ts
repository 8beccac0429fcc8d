/** Managed plugins and `closeAll()`: all of them at once, bounded, also those that still start. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { closeAll, type LaunchOptions, launch, processRunner, type Runner } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { gone, isRunning, leavesNothing, pluginError, program, programPath, timed } from "../support/life.ts";

const options: LaunchOptions = { managed: true, log: false, runtime: "bun", startTimeoutMs: 60_000 };
const start = (name: string, more: LaunchOptions = {}) => launch(program("plugin.ts"), { ...options, name, ...more });

test("all managed plugins end, the others do not", async () => {
  await leavesNothing(async () => {
    await using other = await start("other", { managed: false });
    const plugins = await Promise.all(["a", "b", "c"].map((name) => start(name)));
    const closed = await closeAll();
    assert.deepEqual(
      closed,
      plugins.map(({ name, pid }) => ({ name, pid, exit: { code: 0, signal: null } })),
    );
    assert.deepEqual(await Promise.all(plugins.map(({ exited }) => exited)), [
      { code: 0, signal: null },
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    assert.equal(await other.dispense(life).echo("still there"), "still there");
  });
});

test("they end side by side: four that have to be killed take the time of one", async () => {
  await leavesNothing(async () => {
    const plugins = await Promise.all(["a", "b", "c", "d"].map((name) => start(name, { args: ["lingers", "deaf"] })));
    // 500 ms of grace and as much for SIGTERM, each.
    const ms = await timed(async () => {
      const closed = await closeAll({ graceMs: 500 });
      assert.deepEqual(
        closed.map(({ exit }) => exit.signal),
        ["SIGKILL", "SIGKILL", "SIGKILL", "SIGKILL"],
      );
    });
    assert.ok(ms >= 990 && ms < 3_000, `took ${Math.round(ms)} ms`);
    for (const { pid } of plugins) assert.ok(!isRunning(pid!));
  });
});

test("a launch that is under way is given up, and says why", async () => {
  await leavesNothing(async () => {
    const said = Promise.withResolvers<void>();
    const silent: LaunchOptions = { managed: true, name: "silent", log: () => said.resolve() };
    const never = pluginError(launch([programPath("says.sh"), "I am running\n"], silent));
    await said.promise;
    const starting = pluginError(start("slow"));
    assert.deepEqual(await closeAll(), []);
    for (const [name, failed] of [
      ["slow", starting],
      ["silent", never],
    ] as const) {
      const error = await failed;
      assert.deepEqual([error.code, error.execution, error.plugin], ["closed", "none", name]);
      assert.match(error.message, /was still starting when closeAll\(\) was called/);
    }
  });
});

test("a managed launch is refused while closeAll() is under way, another is not; afterwards both work", async () => {
  await leavesNothing(async () => {
    await start("deaf", { args: ["lingers", "deaf"] });
    const closing = closeAll({ graceMs: 200 });
    const error = await pluginError(start("late"));
    assert.deepEqual([error.code, error.execution], ["closed", "none"]);
    assert.match(error.message, /late is not launched: closeAll\(\) is under way/);
    await using other = await start("other", { managed: false });
    assert.equal((await closing).length, 1);
    assert.equal(await other.dispense(life).echo(1), 1);
    const later = await start("later");
    assert.equal(await later.dispense(life).echo(2), 2);
    assert.deepEqual(
      (await closeAll()).map(({ name }) => name),
      ["later"],
    );
  });
});

test("closeAll() twice at once is once, and after all has ended there is nothing to close", async () => {
  await leavesNothing(async () => {
    await start("one");
    const stopped = await start("stopped");
    const crashed = await start("crashed");
    await stopped.stop();
    process.kill(crashed.pid!, "SIGKILL");
    await crashed.exited;
    const [first, second] = await Promise.all([closeAll(), closeAll()]);
    assert.deepEqual(
      first.map(({ name }) => name),
      ["one"],
    );
    assert.equal(second, first);
    assert.deepEqual(await closeAll(), []);
  });
});

test("a failed launch and an aborted one are the caller's, and are forgotten", async () => {
  await leavesNothing(async () => {
    await assert.rejects(launch("/nowhere/at/all.ts", options), { code: "not_found" });
    const reason = new Error("changed my mind");
    await assert.rejects(start("aborted", { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.deepEqual(await closeAll(), []);
  });
});

test("what cannot be stopped is in the error, and the others are stopped all the same", async () => {
  await leavesNothing(async () => {
    const local = processRunner();
    // Does not say that its plugin has ended, nor that it let go of it.
    const stubborn: Runner = {
      ...local,
      start: async (spec, runtime) => {
        const running = await local.start(spec, runtime);
        const kill = (): void => {
          running.kill("SIGKILL");
          throw new Error("not permitted");
        };
        return { ...running, exited: running.exited, kill };
      },
    };
    const stuck = await start("stubborn", { runner: stubborn, args: ["lingers"], graceMs: 100 });
    const good = await start("good");
    await assert.rejects(closeAll({ graceMs: 100 }), (error: unknown) => {
      assert.ok(error instanceof AggregateError);
      assert.match(error.message, /^closeAll\(\) could not stop 1 of 2 plugins: stubborn$/);
      assert.equal((error.errors[0] as Error).message, "not permitted");
      return true;
    });
    assert.deepEqual(await good.exited, { code: 0, signal: null });
    await gone(good.pid!);
    await stuck.exited;
    assert.deepEqual(await closeAll(), []);
  });
});

test("a grace that is no time is refused, and nothing is stopped", async () => {
  const plugin = await start("kept");
  await assert.rejects(closeAll({ graceMs: -1 }), { name: "RangeError", message: /graceMs of closeAll/ });
  await assert.rejects(closeAll({ grace: 5 } as never), { name: "TypeError", message: /did you mean "graceMs"/ });
  assert.equal(await plugin.dispense(life).echo(1), 1);
  await closeAll();
});
