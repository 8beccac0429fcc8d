/** Limits of a plugin's process: kept, and said to be the reason when it runs into one. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type LaunchOptions, launch, type Plugin } from "../../mod.ts";
import { limits } from "../fixtures/limits/limits.ts";
import { leavesNothing, pluginError, Records } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

const entry = new URL("../fixtures/limits/limits.ts", import.meta.url);
const mebibyte = 2 ** 20;
const start = (options: LaunchOptions): Promise<Plugin> =>
  launch(entry, { log: false, startTimeoutMs: 60_000, ...options });

const skip = process.platform === "linux" ? false : "memory is limited on Linux only";

for (const runtime of runtimeNames) {
  for (const method of ["fillHeap", "keepBuffers"] as const) {
    test(`a plugin on ${runtime} that runs out of its memory (${method}) is ended, and each call says why`, {
      skip,
    }, async () => {
      await leavesNothing(async () => {
        const records = new Records();
        const resources = { memoryBytes: 128 * mebibyte };
        await using plugin = await start({ runtime, resources, log: records.sink });
        const proxy = plugin.dispense(limits);
        const error = await pluginError(method === "fillHeap" ? proxy.fillHeap() : proxy.keepBuffers(2 ** 30));
        assert.deepEqual(
          [error.code, error.exceeded, error.execution],
          ["exited", "memoryBytes", "unknown"],
          error.message,
        );
        assert.match(error.message, /was killed by SIG\w+: it ran out of its memory limit of 128 MiB \(memoryBytes\)/);
        assert.equal((await plugin.exited).exceeded, "memoryBytes");
        await records.find(({ level, message }) => level === "error" && /its memory limit of 128 MiB/.test(message));
        const later = await pluginError(proxy.echo(1));
        assert.deepEqual([later.code, later.exceeded, later.execution], ["exited", "memoryBytes", "none"]);
        assert.throws(() => plugin.dispense(limits), { code: "exited", exceeded: "memoryBytes" });
      });
    });
  }

  test(`a plugin on ${runtime} that makes much garbage and keeps little stays within its memory`, {
    skip,
  }, async () => {
    await using plugin = await start({ runtime, resources: { memoryBytes: 192 * mebibyte } });
    await plugin.dispense(limits).churn(1_000);
    assert.equal(await plugin.dispense(limits).echo("there"), "there");
  });

  test(`a plugin on ${runtime} that has too little memory to start: said so`, { skip }, async () => {
    await leavesNothing(async () => {
      const error = await pluginError(start({ runtime, resources: { memoryBytes: 2 * mebibyte } }));
      assert.deepEqual([error.code, error.exceeded, error.execution], ["exited", "memoryBytes", "none"], error.message);
      assert.match(error.message, /its memory limit of 2 MiB \(memoryBytes\) before it gave its handshake line/);
    });
  });

  test(`a plugin on ${runtime} that opens too many files is told of its limit, and goes on`, async () => {
    const records = new Records();
    await using plugin = await start({ runtime, resources: { openFiles: 64 }, log: records.sink });
    const proxy = plugin.dispense(limits);
    assert.equal((await proxy.limits()).openFiles, 64);
    const error = await proxy.openFiles().then(
      () => assert.fail("there is a limit"),
      (thrown: unknown) => thrown as Error,
    );
    assert.match(error.message, /EMFILE.*; its limit of 64 open files was reached \(openFiles\)$/);
    await records.find(({ level, message }) => level === "warn" && /its limit of 64 open files/.test(message));
    assert.equal(await proxy.echo("there"), "there");
  });

  test(`a plugin on ${runtime} that ends of too many open files: said so`, async () => {
    await using plugin = await start({ runtime, resources: { openFiles: 64 } });
    const error = await pluginError(plugin.dispense(limits).openFilesUncaught());
    assert.deepEqual([error.code, error.exceeded], ["exited", "openFiles"], error.message);
    assert.match(error.message, /its limit of 64 open files was reached \(openFiles\)/);
  });

  test(`a plugin on ${runtime} that cannot start with so few files: said so`, async () => {
    await leavesNothing(async () => {
      const error = await pluginError(start({ runtime, resources: { openFiles: 6 } }));
      assert.match(error.message, /limit of 6 open files/);
    });
  });

  test(`a plugin on ${runtime} that uses up its processor time is ended, and the call says why`, async () => {
    await leavesNothing(async () => {
      await using plugin = await start({ runtime, resources: { cpuSeconds: 2 } });
      assert.equal((await plugin.dispense(limits).limits()).cpuSeconds, "2");
      const error = await pluginError(plugin.dispense(limits).spin());
      assert.deepEqual([error.code, error.exceeded, error.signal], ["exited", "cpuSeconds", "SIGXCPU"], error.message);
      assert.match(error.message, /its limit of processor time of 2 s was used up \(cpuSeconds\)/);
    });
  });

  test(`a plugin on ${runtime} within its limits ends as any other`, async () => {
    await leavesNothing(async () => {
      const memory = skip === false ? { memoryBytes: 512 * mebibyte } : {};
      const plugin = await start({ runtime, resources: { openFiles: 256, cpuSeconds: 60, ...memory } });
      assert.equal(await plugin.dispense(limits).echo(1), 1);
      assert.deepEqual(await plugin.stop(), { code: 0, signal: null });
    });
  });
}

test("a plugin that uses up its processor time before it says anything: said so", async () => {
  const error = await pluginError(start({ args: ["spins"], resources: { cpuSeconds: 1 } }));
  assert.deepEqual([error.code, error.exceeded, error.execution], ["exited", "cpuSeconds", "none"], error.message);
});

test("more open files than the system allows are refused, and nothing is left", async () => {
  await leavesNothing(async () => {
    const error = await pluginError(start({ resources: { openFiles: 2 ** 40 } }));
    assert.deepEqual([error.code, error.execution], ["start_failed", "none"], error.message);
    assert.match(error.message, /cannot limit resources\.openFiles to 1099511627776: /);
  });
});

test("a program that cannot be run says so, limits or not", async () => {
  for (const resources of [{}, { openFiles: 64 }]) {
    const missing = await pluginError(launch(["/nowhere/plugin"], { log: false, resources }));
    assert.deepEqual([missing.code, missing.errno], ["not_found", "ENOENT"], missing.message);
    const elsewhere = await pluginError(launch(entry, { log: false, resources, cwd: "/nowhere" }));
    assert.deepEqual([elsewhere.code, elsewhere.errno], ["not_found", "ENOENT"], elsewhere.message);
    assert.match(elsewhere.message, /working directory \/nowhere does not exist/);
  }
});

const wrong: readonly (readonly [object, RegExp])[] = [
  [{ memoryBytes: 0 }, /memoryBytes of resources of launch must be a number of bytes above 0, not 0/],
  [{ openFiles: 1.5 }, /openFiles of resources of launch must be a whole number above 0, not 1\.5/],
  [{ cpuSeconds: -1 }, /cpuSeconds of resources of launch must be a whole number above 0, not -1/],
  [{ memory: 5 }, /unknown option "memory" of resources of launch; did you mean "memoryBytes"/],
];
for (const [resources, message] of wrong) {
  test(`refused: ${JSON.stringify(resources)}`, async () => {
    await assert.rejects(launch(entry, { resources }), (error: unknown) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
