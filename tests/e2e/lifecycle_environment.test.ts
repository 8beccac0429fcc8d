/** What a plugin's process is given: environment, arguments, directory, name. And hosts that are plugins themselves. */
import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { contract, launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import type { Nested } from "../fixtures/life/nested.ts";
import { gone, isRunning, leavesNothing, program, programPath, Records } from "../support/life.ts";
import { runtimeCommand, runtimeNames } from "../support/runtimes.ts";

const ofHandshake = (name: string): boolean => /^(PLUGWIRE_(?!TEST)|PLUGIN_)/.test(name);
const nested = contract<Nested>("nested");

for (const runtime of runtimeNames) {
  test(`a plugin on ${runtime} inherits the environment, with its own on top, and no secret is left in it`, async () => {
    process.env.LIFE_INHERITED = "from the host";
    process.env.LIFE_CHANGED = "from the host";
    try {
      const env = { LIFE_CHANGED: "changed", LIFE_ADDED: "added = ✓" };
      await using plugin = await launch(program("plugin.ts"), { runtime, log: false, env });
      const got = await plugin.dispense(life).environment();
      assert.equal(got.LIFE_INHERITED, "from the host");
      assert.equal(got.LIFE_CHANGED, "changed");
      assert.equal(got.LIFE_ADDED, "added = ✓");
      assert.deepEqual(Object.keys(got).filter(ofHandshake), []);
      assert.deepEqual(Object.keys(process.env).filter(ofHandshake), []);
    } finally {
      delete process.env.LIFE_INHERITED;
      delete process.env.LIFE_CHANGED;
    }
  });

  test(`with inheritEnv: false a plugin on ${runtime} gets what it is given and no more`, async () => {
    process.env.LIFE_INHERITED = "from the host";
    try {
      const env = { LIFE_ADDED: "added" };
      await using plugin = await launch(program("plugin.ts"), { runtime, log: false, env, inheritEnv: false });
      const got = await plugin.dispense(life).environment();
      assert.equal(got.LIFE_INHERITED, undefined);
      assert.equal(got.LIFE_ADDED, "added");
      // A runtime may set variables of its own.
      assert.ok(Object.keys(got).length <= 3, Object.keys(got).join());
    } finally {
      delete process.env.LIFE_INHERITED;
    }
  });

  test(`a plugin on ${runtime} gets its arguments as they are, and its working directory`, async () => {
    const args = ["--flag", "two words", "", "-A", "$HOME", "ünï", "--"];
    await using plugin = await launch(program("plugin.ts"), { runtime, log: false, args, cwd: tmpdir() });
    const proxy = plugin.dispense(life);
    assert.deepEqual(await proxy.args(), args);
    assert.equal(realpathSync(await proxy.cwd()), realpathSync(tmpdir()));
  });

  test(`a plugin on ${runtime} that is a host itself gives its plugin nothing of its own handshake`, async () => {
    await leavesNothing(async () => {
      await using plugin = await launch(program("nested.ts"), { runtime, log: false });
      const { own, inner } = await plugin.dispense(nested).environments();
      assert.deepEqual(Object.keys(own).filter(ofHandshake), []);
      assert.deepEqual(Object.keys(inner).filter(ofHandshake), []);
    });
  });

  test(`a plugin of a plugin on ${runtime} ends with it`, async () => {
    await leavesNothing(async () => {
      const plugin = await launch(program("nested.ts"), { runtime, log: false, graceMs: 500 });
      const pid = await plugin.dispense(nested).leave();
      assert.ok(isRunning(pid));
      await plugin.stop();
      await gone(pid);
    });
  });

  test(`a plugin of a plugin on ${runtime} that is killed ends too`, async () => {
    await leavesNothing(async () => {
      await using plugin = await launch(program("nested.ts"), { runtime, log: false });
      const pid = await plugin.dispense(nested).leave();
      process.kill(plugin.pid!, "SIGKILL");
      await plugin.exited;
      await gone(pid);
    });
  });

  test(`a whole command on ${runtime} is run as it is`, async () => {
    const command = runtimeCommand(runtime, program("plugin.ts"), "one");
    await using plugin = await launch(command, { log: false, args: ["two"] });
    assert.deepEqual(await plugin.dispense(life).args(), ["one", "two"]);
    assert.equal(plugin.name, "life");
  });
}

test("a plugin is called by its file or folder, or what it is given as a name", async () => {
  await using unnamed = await launch(program("logs.ts"), { log: false });
  assert.equal(unnamed.name, "logs");
  const records = new Records();
  await using named = await launch(program("plugin.ts"), { log: records.sink, name: "backup" });
  assert.equal(named.name, "backup");
  await named.dispense(life).print("hello");
  assert.equal((await records.message("hello")).source, "backup");
});

test("an executable script in a shell is started by its path", async () => {
  const error = await launch(programPath("says_and_exits.sh"), { args: ["", "read me", "5"], log: false }).then(
    () => assert.fail("it is no plugin"),
    (thrown: unknown) => thrown as { exitCode: number; stderr: string },
  );
  assert.deepEqual([error.exitCode, error.stderr], [5, "read me"]);
});

test("the pid is that of the plugin itself, whatever stands between", async () => {
  await using plugin = await launch(program("plugin.ts"), { log: false });
  assert.equal(await plugin.dispense(life).pid(), plugin.pid);
});
