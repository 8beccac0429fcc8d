/** Plugins that throw, exit, are killed, flood or block: the host is unharmed, and each call says what became of it. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { errorOrigin, type LaunchOptions, launch, PluginError } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, pluginError, program, Records } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

for (const runtime of runtimeNames) {
  for (const transport of ["unix", "stdio"] as const) {
    const options: LaunchOptions = { runtime, transport, name: "frail" };

    test(`a plugin on ${runtime} over ${transport} that exits in the midst of calls fails each of them`, async () => {
      await leavesNothing(async () => {
        const records = new Records();
        await using plugin = await launch(program("plugin.ts"), { ...options, log: records.sink });
        const proxy = plugin.dispense(life);
        const hanging = pluginError(proxy.hang());
        await records.message("hanging");
        const exiting = pluginError(proxy.exit(3));
        for (const error of [await hanging, await exiting]) {
          assert.equal(error.code, "exited", error.message);
          assert.equal(error.exitCode, 3);
          assert.equal(error.signal, null);
          assert.equal(error.execution, "unknown");
          assert.match(error.stderr ?? "", /hanging\nexiting with 3$/);
          assert.match(error.message, /exited with code 3/);
          assert.match(error.message, /its stderr ended:\n {2}hanging\n {2}exiting with 3/);
          assert.match(error.message, /may have run/);
        }
        const later = await pluginError(proxy.echo(1));
        assert.equal(later.code, "exited");
        assert.equal(later.execution, "none");
        assert.match(later.message, /did not run/);
        assert.deepEqual(await plugin.exited, { code: 3, signal: null });
        assert.throws(() => plugin.dispense(life), { code: "exited", exitCode: 3, execution: "none" });
        const record = await records.message("the plugin exited with code 3");
        assert.deepEqual([record.level, record.source], ["error", "plugwire.frail"]);
        assert.deepEqual(await plugin.stop(), { code: 3, signal: null });
      });
    });

    test(`a plugin on ${runtime} over ${transport} that is killed in the midst of a call fails it`, async () => {
      await leavesNothing(async () => {
        const records = new Records();
        await using plugin = await launch(program("plugin.ts"), { ...options, log: records.sink });
        const hanging = pluginError(plugin.dispense(life).hang());
        await records.message("hanging");
        process.kill(plugin.pid!, "SIGKILL");
        const error = await hanging;
        assert.equal(error.code, "exited", error.message);
        assert.equal(error.signal, "SIGKILL");
        assert.equal(error.exitCode, null);
        assert.equal(error.execution, "unknown");
        assert.match(error.message, /was killed by SIGKILL/);
        assert.deepEqual(await plugin.exited, { code: null, signal: "SIGKILL" });
      });
    });
  }

  test(`what a plugin on ${runtime} throws is the caller's, and the plugin goes on`, async () => {
    await using plugin = await launch(program("plugin.ts"), { runtime, log: false });
    const proxy = plugin.dispense(life);
    const error = await proxy.fail("out of range").then(
      () => assert.fail("it throws"),
      (thrown: unknown) => thrown as Error,
    );
    assert.ok(!(error instanceof PluginError));
    assert.equal(error.message, "out of range");
    assert.equal(errorOrigin(error), "remote");
    assert.equal(await proxy.echo("still there"), "still there");
  });

  for (const method of ["throwUncaught", "rejectUnhandled"] as const) {
    test(`${method}: an error that nobody catches ends a plugin on ${runtime}, and is in the error and in the log`, async () => {
      await leavesNothing(async () => {
        const records = new Records();
        await using plugin = await launch(program("plugin.ts"), { runtime, log: records.sink });
        const error = await pluginError(plugin.dispense(life)[method]("nobody catches this"));
        assert.equal(error.code, "exited", error.message);
        assert.equal(error.exitCode, 1);
        assert.match(error.stderr ?? "", /TypeError: nobody catches this/);
        const record = await records.find(({ message }) => /TypeError: nobody catches this/.test(message));
        assert.equal(record.level, "error");
      });
    });
  }

  test(`a plugin on ${runtime} that dies of a flood of output in mid-call hurts nobody`, async () => {
    await leavesNothing(async () => {
      await using plugin = await launch(program("plugin.ts"), { runtime, log: false });
      const proxy = plugin.dispense(life);
      await Promise.all([proxy.flood(1, 10_000_000), proxy.flood(2, 10_000_000)]);
      const error = await pluginError(proxy.signal("SIGKILL"));
      assert.equal(error.signal, "SIGKILL");
      assert.ok((error.stderr ?? "").length <= 5_000);
    });
  });
}

test("one plugin's end is none of another's business", async () => {
  await using first = await launch(program("plugin.ts"), { log: false, name: "first" });
  await using second = await launch(program("plugin.ts"), { log: false, name: "second" });
  await pluginError(first.dispense(life).exit(1));
  assert.equal(await second.dispense(life).echo(2), 2);
});

test("calls beside one that blocks the plugin time out, and the host goes on", async () => {
  await leavesNothing(async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { log: records.sink, graceMs: 100 });
    await using other = await launch(program("plugin.ts"), { log: false });
    const proxy = plugin.dispense(life);
    const blocked = pluginError(proxy.block());
    await records.message("blocking");
    assert.equal(await other.dispense(life).echo("free"), "free");
    assert.deepEqual(await plugin.stop(), { code: null, signal: "SIGKILL" });
    assert.equal((await blocked).execution, "unknown");
  });
});

test("a plugin that ends by itself with code 0 is told of as such", async () => {
  await leavesNothing(async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { log: records.sink });
    const error = await pluginError(plugin.dispense(life).exit(0));
    assert.equal(error.code, "exited");
    assert.equal(error.exitCode, 0);
    assert.equal((await records.message("the plugin exited with code 0")).level, "info");
  });
});
