import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { runtime, timeout } from "./_host.ts";

describe(`a process on ${runtime.name}`, { timeout }, () => {
  it("knows itself", async () => {
    const globals = globalThis as { Deno?: unknown; Bun?: unknown };
    assert.equal(runtime.name, globals.Bun ? "bun" : globals.Deno ? "deno" : "node");
    assert.equal(runtime, await detectRuntime());
    assert.match(runtime.version, /^\d+\.\d+/);
    assert.equal(runtime.compiled, false);
    assert.equal((await runtime.stat(runtime.execPath))?.kind, "file");
    assert.equal((await runtime.stat(runtime.tempDirectory))?.kind, "directory");
    assert.match(runtime.os, /^(linux|darwin|windows)$/);
  });

  it("reads, copies and forgets variables", () => {
    process.env.PLUGWIRE_TEST_ONE = "1";
    assert.equal(runtime.env("PLUGWIRE_TEST_ONE"), "1");
    const copy = runtime.environment();
    assert.equal(copy.PLUGWIRE_TEST_ONE, "1");
    copy.PLUGWIRE_TEST_ONE = "2";
    runtime.forgetEnv(["PLUGWIRE_TEST_ONE", "PLUGWIRE_TEST_NEVER"]);
    assert.equal(runtime.env("PLUGWIRE_TEST_ONE"), undefined);
    assert.equal("PLUGWIRE_TEST_ONE" in runtime.environment(), false);
  });

  it("carries a context over awaits and timers, and keeps two flows apart", async () => {
    const context = runtime.asyncContext<string>();
    assert.equal(context.get(), undefined);
    const flow = async (): Promise<(string | undefined)[]> => {
      const seen = [context.get()];
      await null;
      seen.push(context.get());
      await new Promise<void>((resolve) => runtime.setTimer(resolve, 1, { keepAlive: true }));
      seen.push(context.get());
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      seen.push(context.get());
      return seen;
    };
    const [one, two] = await Promise.all([context.run("one", flow), context.run("two", flow)]);
    assert.deepEqual(one, ["one", "one", "one", "one"]);
    assert.deepEqual(two, ["two", "two", "two", "two"]);
    assert.equal(
      context.run("three", (a: number, b: number) => a + b, 1, 2),
      3,
    );
    assert.equal(context.get(), undefined);
  });

  it("fires timers in time and not once cancelled, however far away", async () => {
    const fired: string[] = [];
    runtime.setTimer(() => fired.push("never"), 1, { keepAlive: true }).cancel();
    const far = runtime.setTimer(() => fired.push("far"), 2 ** 40);
    // A later one that comes due after both would have.
    await new Promise<void>((resolve) => runtime.setTimer(resolve, 5, { keepAlive: true }));
    far.cancel();
    assert.deepEqual(fired, []);
  });
});
