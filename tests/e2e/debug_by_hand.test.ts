/** Plugins that somebody starts by hand, and hosts that join them in place of starting their own. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { attach, launch, type ReattachInfo } from "../../mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { life } from "../fixtures/life/life.ts";
import { ByHand, withVariable } from "../support/by_hand.ts";
import { isRunning, leavesNothing, pluginError, program, Records } from "../support/life.ts";
import { runtimeCommand, runtimeNames } from "../support/runtimes.ts";

for (const runtime of runtimeNames) {
  test(`a plugin on ${runtime} that is started by hand with PLUGWIRE_DEBUG=1 serves one host after another, until Ctrl-C`, async () => {
    await leavesNothing(async () => {
      await using byHand = new ByHand(runtimeCommand(runtime, program("plugin.ts")), { PLUGWIRE_DEBUG: "1" });
      const value = await byHand.reattach();
      const { life: info } = JSON.parse(value) as { life: ReattachInfo };
      assert.ok(info.address.network === "unix");
      assert.equal(statSync(dirname(info.address.path)).mode & 0o777, 0o700);
      await withVariable("PLUGWIRE_REATTACH", value, async () => {
        for (const word of ["first", "second"]) {
          const records = new Records();
          await using plugin = await launch(program("plugin.ts"), { log: records.sink });
          assert.equal(plugin.pid, byHand.child.pid);
          assert.equal(await plugin.dispense(life).echo(word), word);
          assert.match(records.text(), /^warn plugwire\.life: PLUGWIRE_REATTACH names life: joined process \d+/m);
        }
        // Two at a time, which do not disturb each other.
        const one = await launch(program("plugin.ts"), { log: false });
        await using two = await launch(program("plugin.ts"), { log: false });
        await one.stop();
        assert.equal(await two.dispense(life).echo("still there"), "still there");
        assert.ok(isRunning(byHand.child.pid!));
      });
      // What it printed is a reattach info, too.
      const guest = await attach(info, { guest: true });
      assert.equal(await guest.dispense(life).echo("a guest"), "a guest");
      await guest.stop();
      assert.equal(await byHand.interrupt(), 0);
      assert.ok(!existsSync(dirname(info.address.path)));
    });
  });
}

test("a host whose plugin is ended by hand sees its session end with the reason", async () => {
  await using byHand = new ByHand(runtimeCommand("node", program("plugin.ts")), { PLUGWIRE_DEBUG: "my.name" });
  await withVariable("PLUGWIRE_REATTACH", await byHand.reattach(), async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { name: "my.name", log: records.sink });
    // An answer: the other side, too, has a session by now.
    await plugin.ping();
    await byHand.interrupt();
    await records.find(({ level, message }) => level === "warn" && /is gone: .*the plugin was ended$/.test(message));
    assert.equal((await pluginError(Promise.try(() => plugin.ping()))).code, "closed");
  });
});

test("a secret that is wrong, and a plugin that is gone, are told as faults of the variable", async () => {
  await using byHand = new ByHand(runtimeCommand("node", program("plugin.ts")), { PLUGWIRE_DEBUG: "1" });
  const value = await byHand.reattach();
  const { life: info } = JSON.parse(value) as { life: ReattachInfo };
  const forged = JSON.stringify({ life: { ...info, secret: "0".repeat(64) } });
  await withVariable("PLUGWIRE_REATTACH", forged, async () => {
    const error = await pluginError(launch(program("plugin.ts"), { log: false }));
    assert.equal(error.code, "authentication");
    assert.match(error.message, /^PLUGWIRE_REATTACH names plugin life/);
  });
  await byHand.interrupt();
  await withVariable("PLUGWIRE_REATTACH", value, async () => {
    const error = await pluginError(launch(program("plugin.ts"), { log: false }));
    assert.equal(error.code, "connect_failed");
    assert.match(error.message, /PLUGWIRE_REATTACH names plugin life.*is it still running\?/);
  });
});

test("a variable that cannot be read is named, and its value is not shown", async () => {
  const secret = "5ec4e7".repeat(11);
  for (const [value, says] of [
    [`{"life":{"secret":"${secret}"`, /PLUGWIRE_REATTACH cannot be read: it is no JSON/],
    [`{"life":{"address":{"network":"unix","path":"/x"},"secret":"${secret}"}}`, /wrong at life\.secret: must be 64/],
    [`{"life":{"address":{"network":"pipe"},"secret":"${secret}"}}`, /wrong at life\.address/],
    [`["${secret}"]`, /PLUGWIRE_REATTACH cannot be read/],
    [`"${secret}"`, /PLUGWIRE_REATTACH cannot be read/],
  ] as const) {
    await withVariable("PLUGWIRE_REATTACH", value, async () => {
      const error = await pluginError(launch(program("plugin.ts"), { log: false }));
      assert.equal(error.code, "bad_handshake");
      assert.match(error.message, says);
      assert.ok(!error.message.includes("5ec4e7"), error.message);
    });
  }
});

test("a plugin that the variable does not name is started, which is said, and what comes near", async () => {
  const other = { address: { network: "unix", path: "/nowhere/s" }, secret: "0".repeat(64) };
  await withVariable("PLUGWIRE_REATTACH", JSON.stringify({ lief: other }), async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { log: records.sink });
    const got = await plugin.dispense(life).environment();
    assert.equal(got.PLUGWIRE_REATTACH, undefined, "secrets of others are not handed on");
    await records.find(
      ({ level, message }) => level === "warn" && /names lief; life is started; if "lief" is meant/.test(message),
    );
  });
  await withVariable("PLUGWIRE_REATTACH", JSON.stringify({ greeter: other, shop: other }), async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { log: records.sink });
    assert.ok(plugin.pid);
    await records.find(({ message }) => message === "PLUGWIRE_REATTACH names greeter, shop; life is started");
    assert.match(records.text(), /^info plugwire\.life: PLUGWIRE_REATTACH names/m);
  });
});

test("a host that waits for a plugin at a breakpoint says so, and can give up", async () => {
  const runtime = await detectRuntime();
  const directory = await runtime.makePrivateDirectory("plugwire-test-");
  const silent = await runtime.listen({ network: "unix", path: `${directory}/s` }, (link) => {
    link.start({ bytes: () => {}, end: () => link.end(), drain: () => {}, closed: () => {} });
  });
  try {
    const info = { address: silent.address, secret: "0".repeat(64) };
    await withVariable("PLUGWIRE_REATTACH", JSON.stringify({ life: info }), async () => {
      const records = new Records();
      const giveUp = new AbortController();
      const launching = launch(program("plugin.ts"), { log: records.sink, signal: giveUp.signal });
      launching.catch(() => {});
      await records.find(({ level, message }) => level === "warn" && /has not answered yet/.test(message));
      giveUp.abort(new Error("enough"));
      await assert.rejects(launching, /enough/);
    });
  } finally {
    await silent.close();
    await runtime.remove(directory);
  }
});
