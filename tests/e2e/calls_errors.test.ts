import assert from "node:assert/strict";
import { it } from "node:test";
import { errorOrigin, PluginError } from "../../mod.ts";
import { checked, greeter, work } from "../fixtures/calls/contracts.ts";
import { overEveryWay, program, rejectsWith } from "../support/calls.ts";

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

overEveryWay((plugin, way) => {
  it("gives what was thrown as it was: class, message, causes", async () => {
    const error = await thrown(plugin().dispense(work).throws("type"));
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "no such thing");
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.cause.message, "too far");
    assert.equal(error.cause.cause, "a string");
    assert.equal(errorOrigin(error), "remote");
    assert.match(String(error.stack), /TypeError: no such thing\n {4}at work\.throws \(plugin tested\)/);
  });

  it("keeps a code, and the name of a class it does not know", async () => {
    const proxy = plugin().dispense(work);
    assert.equal(((await thrown(proxy.throws("coded"))) as { code?: unknown }).code, "ENOENT");
    const named = (await thrown(proxy.throws("named"))) as Error;
    assert.equal(named.name, "QuotaError");
    assert.equal(String(named), "QuotaError: used up");
    assert.equal(((await thrown(proxy.throws("late"))) as Error).message, "later");
  });

  it("gives thrown values that are no errors as they were", async () => {
    const proxy = plugin().dispense(work);
    assert.equal(await thrown(proxy.throws("string")), "just words");
    assert.equal(await thrown(proxy.throws("null")), null);
    const object = await thrown(proxy.throws("object"));
    assert.deepEqual(object, { reason: "plain", at: [1, 2] });
    assert.equal(errorOrigin(object), "remote");
  });

  it("does not take a PluginError that an implementation threw for a failure of its own", async () => {
    const error = await thrown(plugin().dispense(work).throws("plugin"));
    assert.ok(!(error instanceof PluginError));
    assert.ok(error instanceof Error);
    assert.equal(error.message, "mine, not Plugwire's");
    assert.equal((error as { execution?: unknown }).execution, undefined);
  });

  it("outlives errors and promises that throw when they are looked at", async () => {
    const proxy = plugin().dispense(work);
    assert.match(String(await thrown(proxy.throws("hostile"))), /did not arrive/);
    assert.ok((await thrown(proxy.gives("bad thenable"))) instanceof RangeError);
    assert.equal(await proxy.echo("still here"), "still here");
  });

  it("refuses arguments that the contract does not allow before anything runs", async () => {
    const proxy = plugin().dispense(checked);
    const error = await rejectsWith(proxy.trim(5 as never), "invalid_argument", {
      execution: "none",
      contract: "checked",
      method: "trim",
      path: "args[0]",
      plugin: "tested",
    });
    assert.match(
      error.message,
      /^the caller of checked\.trim passed what the contract does not allow: args\[0\]: .*string/,
    );
    assert.equal(errorOrigin(error), "remote");
    const deep = await rejectsWith(proxy.nested({ rows: [{ id: 1 }, { id: "2" as never }] }), "invalid_argument", {
      path: "args[0].rows[1].id",
    });
    assert.equal(deep.issues?.length, 1);
    await rejectsWith((proxy.many as (...args: number[]) => Promise<number>)(1, 2, 3), "invalid_argument", {
      path: "args[2]",
    });
  });

  it("says when a result is not what the contract allows, and whose fault it is", async () => {
    const error = await rejectsWith(plugin().dispense(checked).wrong(), "invalid_result", {
      execution: "done",
      contract: "checked",
      method: "wrong",
      path: "result.total",
    });
    assert.match(error.message, /^the implementation of checked\.wrong gave a result that the contract does not allow/);
  });

  it("transforms arguments on their way in, and results on their way out", async () => {
    const proxy = plugin().dispense(checked);
    assert.equal(await proxy.trim("  a "), "[a]");
    assert.equal(await proxy.year("2026-11-22T00:00:00Z"), 2026);
    assert.equal(await proxy.many(1), 2);
    assert.equal(await proxy.doubled(4), 8);
  });

  it("drops what a method gives whose contract says that it gives nothing", async () => {
    assert.equal(await plugin().dispense(checked).nothing("x"), undefined);
  });

  it("keeps the order of calls whose arguments take time to check", async () => {
    const proxy = plugin().dispense(checked);
    const numbers = [1, 19, 3, 20, 2, 18];
    await Promise.all(numbers.map((n) => proxy.ordered(n)));
    assert.deepEqual(await proxy.order(), numbers);
    await Promise.allSettled([proxy.ordered(1), proxy.ordered("no" as never), proxy.ordered(2)]);
    assert.deepEqual(await proxy.order(), [1, 2]);
  });

  it("refuses arguments that cannot cross, with their path", async () => {
    const proxy = plugin().dispense(work);
    const error = await rejectsWith(proxy.echo({ filter: [new WeakMap()] }), "unsupported_value", {
      path: "args[0].filter[0]",
      execution: "none",
      method: "echo",
    });
    assert.equal(errorOrigin(error), "local");
    await rejectsWith(proxy.echo(Promise.resolve()), "unsupported_value", { path: "args[0]" });
    await rejectsWith(proxy.echo(Symbol("s")), "unsupported_value", { path: "args[0]" });
    assert.equal(await proxy.echo("still here"), "still here");
  });

  it("refuses results that cannot cross, with their path", async () => {
    const proxy = plugin().dispense(work);
    await rejectsWith(proxy.gives("deep weak map"), "unsupported_value", {
      path: "result.list[1].f",
      execution: "done",
      method: "gives",
    });
    const error = await rejectsWith(proxy.gives("weak map"), "unsupported_value", { path: "result" });
    assert.equal(errorOrigin(error), "remote");
  });

  it("refuses messages that are too large, on either side's terms, and goes on", async () => {
    const kib = 1_024;
    const small = { maxMessageBytes: 128 * kib, maxBufferedBytes: 128 * kib };
    await using narrow = await way.open(program, { pluginLimits: small });
    const proxy = narrow.dispense(work);
    await rejectsWith(proxy.size("x".repeat(129 * kib)), "too_large", { execution: "none", method: "size" });
    await rejectsWith(proxy.big(129 * kib), "too_large", { execution: "done", method: "big" });
    assert.equal(await proxy.size("x".repeat(100 * kib)), 100 * kib);
    assert.deepEqual(await proxy.marks(), [`size ${100 * kib}`]);
    await using strict = await way.open(program, { limits: small });
    await rejectsWith(strict.dispense(work).size("x".repeat(129 * kib)), "too_large", { execution: "none" });
    await rejectsWith(strict.dispense(work).big(129 * kib), "too_large", { execution: "done" });
    assert.equal(await strict.dispense(greeter).greet("you"), "Hello, you!");
  });
});
