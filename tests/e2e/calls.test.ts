import assert from "node:assert/strict";
import { it } from "node:test";
import { contract, method, PluginError, withOptions } from "../../mod.ts";
import { greeter, nest, open, work } from "../fixtures/calls/contracts.ts";
import { overEveryWay, program, provided, rejectsWith } from "../support/calls.ts";

overEveryWay((plugin, way) => {
  it("answers a call", async () => {
    assert.equal(await plugin().dispense(greeter).greet("World"), "Hello, World!");
  });

  it("serves several contracts", async () => {
    assert.deepEqual(
      plugin().serves.map(({ name }) => name),
      ["greeter", "checked", "work", "nest", "open"],
    );
    assert.equal(await plugin().dispense(work).echo(1), 1);
    assert.equal(await plugin().dispense(greeter).greet("you"), "Hello, you!");
  });

  it("answers at once or later, by a class with a base class and private fields", async () => {
    const proxy = plugin().dispense(work);
    assert.deepEqual(await Promise.all([proxy.echo("now"), proxy.echoLater("later"), proxy.count()]), [
      "now",
      "later",
      1,
    ]);
    assert.equal(await proxy.gives("thenable"), "from a thenable");
  });

  it("makes an implementation of its own for each dispense of a factory", async () => {
    const [first, second] = [plugin().dispense(work), plugin().dispense(work)];
    await first.count();
    assert.deepEqual([await first.count(), await second.count()], [2, 1]);
  });

  it("calls its host from within a call, five deep both ways", async () => {
    assert.equal(
      await plugin().dispense(nest).down(10),
      "plugin > host > plugin > host > plugin > host > plugin > host > plugin > host > plugin",
    );
  });

  it("has all of many nested calls answered at once", async () => {
    const proxy = plugin().dispense(nest);
    const all = await Promise.all(Array.from({ length: 50 }, (_, depth) => proxy.down(depth % 5)));
    assert.equal(all[4], "plugin > host > plugin > host > plugin");
  });

  it("has a proxy for a contract whose methods only its factory knows", async () => {
    const proxy = plugin().dispense(open);
    assert.equal(await proxy.hello("you"), "hello you");
    const misspelt = proxy as unknown as { helo(name: string): Promise<string> };
    const error = await rejectsWith(misspelt.helo("you"), "no_such_method", { execution: "none", method: "helo" });
    assert.match(error.message, /did you mean "hello"\?/);
  });

  it("has plain proxies: what JavaScript itself asks for is never remote", async () => {
    for (const proxy of [plugin().dispense(work), plugin().dispense(open)] as unknown as Record<string, unknown>[]) {
      assert.equal(Object.getPrototypeOf(proxy), null);
      for (const name of ["then", "toJSON", "constructor"]) assert.equal(proxy[name], undefined, name);
      assert.equal(await Promise.resolve(proxy), proxy);
      assert.equal(JSON.stringify(proxy), "{}");
    }
  });

  it("cannot be made to call what no contract lists", async () => {
    const anything = plugin().dispense(open) as unknown as Record<string, () => Promise<unknown>>;
    for (const name of ["__proto__", "hasOwnProperty", "isPrototypeOf", "__defineGetter__", "#count", ""]) {
      await rejectsWith(anything[name]!(), "no_such_method", { execution: "none" });
    }
  });

  it("refuses at once to dispense what is not served, and says what comes near", () => {
    const near = contract("greter", { greet: method() });
    assert.throws(
      () => plugin().dispense(near),
      (error: unknown) =>
        error instanceof PluginError &&
        error.code === "no_such_contract" &&
        error.execution === "none" &&
        /tested serves no contract "greter"; did you mean "greeter"\?/.test(error.message),
    );
    const more = contract("greeter", { greet: method(), great: method() });
    assert.throws(
      () => plugin().dispense(more),
      (error: unknown) =>
        error instanceof PluginError &&
        error.code === "no_such_method" &&
        error.method === "great" &&
        /did you mean "greet"\?/.test(error.message),
    );
  });

  it("passes metadata, and tells an implementation what it is called as", async () => {
    const proxy = withOptions(plugin().dispense(work), { metadata: { user: "me", n: 1 } });
    assert.deepEqual(await withOptions(proxy, { metadata: { n: 2 } }).context(), {
      metadata: { user: "me", n: 2 },
      leftMs: undefined,
      name: "work.context",
    });
    assert.deepEqual((await plugin().dispense(work).context()).metadata, {});
  });

  it("answers ten thousand calls at once, with room for sixteen", { timeout: 60_000 }, async () => {
    await using narrow = await way.open(program, { provide: provided(), pluginLimits: { maxStreams: 16 } });
    const proxy = narrow.dispense(work);
    const all = await Promise.all(
      Array.from({ length: 10_000 }, (_, n) => (n % 2 ? proxy.echo(n) : proxy.echoLater(n))),
    );
    assert.ok(all.every((value, n) => value === n));
  });

  it("refuses new calls once it is being stopped, and ends those that run or wait", async () => {
    await using own = await way.open(program, { provide: provided(), pluginLimits: { maxStreams: 4 } });
    const proxy = own.dispense(work);
    const control = own.dispense(nest);
    const back = control.callsBackLate("mark");
    await proxy.began("mark");
    const waiting = Array.from({ length: 20 }, (_, n) => proxy.echoLater(n));
    const last = proxy.letGo("mark");
    const stopping = own.stop({ graceMs: 20_000 });
    await rejectsWith(proxy.echo("late"), "draining", { execution: "none" });
    assert.equal(await back, "the host heard mark");
    assert.deepEqual(
      await Promise.all(waiting),
      Array.from({ length: 20 }, (_, n) => n),
    );
    await last;
    assert.deepEqual(await stopping, { code: 0, signal: null });
    await rejectsWith(proxy.echo("too late"), "closed", { execution: "none" });
    assert.throws(() => own.dispense(work), PluginError);
  });
});
