/** Protocol versions between real processes: with the runtime that runs the tests for a host, a third of all pairs. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { clock, greeterV1, greeterV2, hostV1 } from "../fixtures/versions/contracts.ts";
import { providedVersions } from "../fixtures/versions/served.ts";
import { pluginError } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

const script = new URL("../fixtures/versions/plugin.ts", import.meta.url);
const versions = { 1: { greeter: greeterV1 }, 2: { greeter: greeterV2 } } as const;

for (const runtime of runtimeNames) {
  const base: LaunchOptions = { runtime, log: false, startTimeoutMs: 60_000 };
  describe(`versions with a plugin on ${runtime}`, () => {
    test("the highest version that both have is spoken, typed and provided for", async () => {
      await using plugin = await launch(script, { ...base, args: ["1,2"], versions, provide: providedVersions });
      assert.equal(plugin.version, 2);
      assert.ok(plugin.version === 2);
      const greeter = plugin.dispense(plugin.contracts.greeter);
      assert.equal(await greeter.greet("Ada", "fr"), "Bonjour, Ada !");
      assert.deepEqual(await greeter.who(), { version: 2, host: "host of version 2, in fr" });
    });

    test("an old host is served by an adapter of the new implementation", async () => {
      const provide = providedVersions[1]!;
      const old = { 1: { greeter: greeterV1 } } as const;
      await using plugin = await launch(script, { ...base, args: ["1,2"], versions: old, provide });
      assert.equal(plugin.version, 1);
      const greeter = plugin.dispense(plugin.contracts.greeter);
      assert.equal(await greeter.greet("Ada"), "Hello, Ada!");
      assert.equal(await plugin.dispense(greeterV1).count(), 1, "one instance behind all that was dispensed");
      const visited: string[] = [];
      await greeter.each(["a", "b"], (name) => void visited.push(name));
      assert.deepEqual(visited, ["a", "b"]);
      using tally = await greeter.tally();
      assert.deepEqual([await tally.add(1), await tally.add(2)], [1, 3]);
      assert.deepEqual(await greeter.who(), { version: 1, host: "host of version 1" });
    });

    test("an old plugin under a new host is provided with what its version has", async () => {
      await using plugin = await launch(script, { ...base, args: ["1"], versions, provide: providedVersions });
      assert.equal(plugin.version, 1);
      assert.ok(plugin.version === 1);
      const greeter = plugin.dispense(plugin.contracts.greeter);
      assert.equal(await greeter.greet("Ada"), "Hello, Ada!");
      assert.deepEqual(await greeter.who(), { version: 1, host: "host of version 1" });
    });

    test("a host without versions speaks version 1, and provides one list", async () => {
      const provide = [hostV1.implement({ name: () => "plain" }), clock.implement({ now: () => 0 })];
      await using plugin = await launch(script, { ...base, args: ["1,2", "made"], provide });
      assert.equal(plugin.version, 1);
      const greeter = plugin.dispense(greeterV1);
      assert.equal(await greeter.greet("Ada"), "Hello, Ada!");
      assert.equal(await plugin.dispense(greeterV1).count(), 0, "an instance for each dispense");
      assert.deepEqual(await greeter.who(), { version: 1, host: "plain" });
    });

    test("no version in common is an error with both lists, and the plugin is stopped", async () => {
      const error = await pluginError(launch(script, { ...base, args: ["2"], versions: { 1: {}, 7: {} } }));
      assert.equal(error.code, "no_common_version");
      assert.deepEqual([error.hostVersions, error.pluginVersions], [[1, 7], [2]]);
    });
  });
}
