import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import {
  type AddressOptions,
  type ConnectedPlugin,
  type ConnectionEvent,
  connect,
  PluginError,
  withOptions,
} from "../../mod.ts";
import { tasks } from "../fixtures/address/contracts.ts";
import { secret, startListening, startProxy } from "../support/address.ts";
import { pluginError, Records } from "../support/life.ts";
import { countResources, type Resources, resourcesBackTo } from "../support/resources.ts";
import { currentRuntime, runtimeNames, type TestRuntime } from "../support/runtimes.ts";

const timeout = 60_000;
const other: TestRuntime = runtimeNames[(runtimeNames.indexOf(currentRuntime) + 1) % 3]!;
const soon = { minMs: 5, maxMs: 50, waitMs: 20_000 };

/** What a connection has been, to be waited for. */
class Events {
  readonly all: ConnectionEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly take = (event: ConnectionEvent): void => {
    this.all.push(event);
    for (const look of this.#waiting.splice(0)) look();
  };

  async find<S extends ConnectionEvent["state"]>(state: S, from = 0): Promise<ConnectionEvent & { readonly state: S }> {
    for (;;) {
      const found = this.all.slice(from).find((event) => event.state === state);
      if (found !== undefined) return found as ConnectionEvent & { readonly state: S };
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function connected(address: string, options: AddressOptions = {}): Promise<[ConnectedPlugin, Events]> {
  const events = new Events();
  const all = { secret, log: false, reconnect: soon, onConnection: events.take, ...options } as const;
  return [await connect(address, all), events];
}

let resources: Resources;
before(() => {
  resources = countResources();
});
after(async () => {
  assert.deepEqual(await resourcesBackTo(resources), resources);
});

describe("a connection that is made again", { timeout }, () => {
  it("fails what was under way, and goes on with what was dispensed before", async () => {
    await using listening = await startListening(other);
    const proxy = await startProxy(() => listening.port);
    const [plugin, events] = await connected(proxy.address);
    const dispensed = plugin.dispense(tasks);
    const counter = await dispensed.counter();
    assert.equal(await counter.next(), 1);
    const numbers = (await dispensed.numbers())[Symbol.asyncIterator]();
    assert.deepEqual(await numbers.next(), { done: false, value: 0 });
    const running = dispensed.wait(-1);
    await dispensed.count();
    proxy.cut();

    const error = await pluginError(running);
    assert.equal(error.execution, "unknown");
    assert.match(error.message, /tasks\.wait may have run: the connection to plugin tcp:.* ended/);
    await events.find("connected");
    assert.equal(await dispensed.greet("again"), "Hello, again!");
    assert.equal(await withOptions(dispensed, { timeoutMs: 10_000 }).greet("options"), "Hello, options!");
    // What belonged to the connection has ended with it, and says so.
    const held = await pluginError(Promise.resolve(counter.next()));
    assert.equal(held.execution, "none");
    assert.match(held.message, /references and streams that came over it/);
    const streamed = await pluginError(
      (async () => {
        for (;;) await numbers.next();
      })(),
    );
    assert.match(streamed.message, /references and streams that came over it/);
    assert.deepEqual(
      events.all.map(({ state }) => state),
      ["away", "connected"],
    );
    assert.equal((events.all[1] as { readonly isSameInstance?: boolean }).isSameInstance, true);
    await plugin.stop();
    assert.deepEqual(await plugin.released, { reason: "detached" });
    assert.deepEqual(events.all.at(-1), { state: "closed", error: undefined });
    await proxy.close();
  });

  it("is waited for by calls, which then go on in their order", async () => {
    await using listening = await startListening(other);
    const proxy = await startProxy(() => listening.port);
    const [plugin, events] = await connected(proxy.address, { reconnect: { ...soon, minMs: 300, maxMs: 300 } });
    const dispensed = plugin.dispense(tasks);
    await dispensed.count();
    proxy.cut();
    await events.find("away");
    assert.equal(plugin.isConnected, false);
    const counts = Array.from({ length: 20 }, () => dispensed.count());
    // What the call is going to give is called before it is there.
    const next = dispensed.counter().next();
    assert.deepEqual(
      await Promise.all(counts),
      Array.from({ length: 20 }, (_, at) => at + 2),
    );
    assert.equal(await next, 1);
    const first: number[] = [];
    for await (const number of dispensed.numbers()) {
      first.push(number);
      if (first.length === 3) break;
    }
    assert.deepEqual(first, [0, 1, 2]);
    await plugin.stop();
    await proxy.close();
  });

  it("is not waited for longer than waitMs, the call's time or its signal", async () => {
    const listening = await startListening(other);
    const [plugin, events] = await connected(listening.address, { reconnect: { ...soon, waitMs: 200 } });
    const dispensed = plugin.dispense(tasks);
    await dispensed.count();
    await listening[Symbol.asyncDispose]();
    await events.find("away");
    const late = await pluginError(dispensed.count());
    assert.equal(late.code, "connect_failed");
    assert.equal(late.execution, "none");
    assert.equal(late.method, "count");
    assert.match(late.message, /tasks\.count did not run: .* has been away for 200 ms \(reconnect\.waitMs\)/);
    const timed = await pluginError(withOptions(dispensed, { timeoutMs: 30 }).count());
    assert.equal(timed.code, "timeout");
    assert.equal(timed.execution, "none");
    const abort = new AbortController();
    const given = withOptions(dispensed, { signal: abort.signal }).count();
    abort.abort(new Error("enough"));
    await assert.rejects(given, /^Error: enough$/);
    const left = dispensed.count();
    const stopped = plugin.stop();
    assert.match((await pluginError(left)).message, /was detached/);
    await stopped;
    assert.equal((await pluginError(dispensed.count())).execution, "none");
  });

  it("fails calls at once where none is to wait", async () => {
    const listening = await startListening(other);
    const [plugin, events] = await connected(listening.address, { reconnect: { ...soon, waitMs: 0 } });
    const dispensed = plugin.dispense(tasks);
    await listening[Symbol.asyncDispose]();
    await events.find("away");
    assert.equal((await pluginError(dispensed.count())).execution, "none");
    await plugin.stop();
  });

  it("tells of a plugin that was started anew, by an event and in the log", async () => {
    const records = new Records();
    let listening = await startListening(other);
    const proxy = await startProxy(() => listening.port);
    const [plugin, events] = await connected(proxy.address, { log: records.sink, name: "tasks" });
    const dispensed = plugin.dispense(tasks);
    assert.deepEqual([await dispensed.count(), await dispensed.count()], [1, 2]);
    await pluginError(dispensed.crash() as Promise<unknown>);
    await listening.ended;
    listening = await startListening(other);
    const event = await events.find("connected");
    assert.equal(event.isSameInstance, false);
    assert.ok(event.attempts >= 1);
    assert.equal(await dispensed.count(), 1);
    const record = await records.find(({ message }) => /another instance/.test(message));
    assert.equal(record.level, "warn");
    assert.equal(record.fields.pid, listening.child.pid);
    await records.find(({ level, message }) => level === "warn" && /ended; it is made again/.test(message));
    await plugin.stop();
    await proxy.close();
    await listening[Symbol.asyncDispose]();
  });

  it("follows a plugin that drains to the one in its place, and has calls wait for that", async () => {
    let listening = await startListening(other);
    const first = listening;
    const proxy = await startProxy(() => listening.port);
    const [plugin] = await connected(proxy.address);
    const dispensed = plugin.dispense(tasks);
    const running = dispensed.wait(500);
    await dispensed.count();
    listening = await startListening(other);
    process.kill(first.child.pid!, "SIGTERM");
    const settled: unknown[] = [];
    for (let pid = 0; pid !== listening.child.pid; ) {
      pid = await dispensed.pid().catch((error: PluginError) => {
        settled.push(error);
        return 0;
      });
    }
    assert.equal(await running, "waited");
    // One that was on its way when the drain was said may have been refused, and says that it did not run.
    assert.ok(settled.every((error) => error instanceof PluginError && error.execution === "none"));
    await first.ended;
    await plugin.stop();
    await proxy.close();
    await listening[Symbol.asyncDispose]();
  });

  it("is waited for when the plugin comes later than the host", async () => {
    let port = 1;
    const proxy = await startProxy(() => port);
    const connecting = connected(proxy.address, { startTimeoutMs: 30_000 });
    await using listening = await startListening(other);
    port = listening.port;
    const [plugin] = await connecting;
    assert.equal(await plugin.dispense(tasks).greet("late"), "Hello, late!");
    await plugin.stop();
    await proxy.close();
  });

  it("is given up after giveUpMs, with the reason", async () => {
    const listening = await startListening(other);
    const [plugin, events] = await connected(listening.address, { reconnect: { ...soon, giveUpMs: 200 } });
    const dispensed = plugin.dispense(tasks);
    await listening[Symbol.asyncDispose]();
    await events.find("away");
    const waiting = await pluginError(dispensed.count());
    assert.match(waiting.message, /was away for 200 ms \(reconnect\.giveUpMs\)/);
    assert.deepEqual(await plugin.released, { reason: "lost" });
    assert.equal((await events.find("closed")).error?.code, "connect_failed");
  });

  it("is noticed to be dead by a ping when nothing comes any more, though nothing was closed", async () => {
    await using listening = await startListening(other);
    const proxy = await startProxy(() => listening.port);
    const keepAlive = { intervalMs: 100, timeoutMs: 1_000 };
    const [plugin, events] = await connected(proxy.address, { keepAlive });
    const dispensed = plugin.dispense(tasks);
    await dispensed.count();
    const running = dispensed.wait(-1);
    await dispensed.count();
    proxy.swallow(true);
    const error = await pluginError(running);
    assert.equal(error.execution, "unknown");
    assert.match(error.message, /did not answer a ping within 1000 ms/);
    await events.find("away");
    proxy.swallow(false);
    proxy.cut();
    assert.equal(await dispensed.greet("again"), "Hello, again!");
    await plugin.stop();
    await proxy.close();
  });

  it("is noticed to be dead when the plugin was stopped, and not when it only has nothing to say", async () => {
    await using listening = await startListening(other, { listen: { keepAlive: false } });
    const keepAlive = { intervalMs: 50, timeoutMs: 1_000 };
    const [plugin, events] = await connected(listening.address, { keepAlive });
    assert.equal(await plugin.dispense(tasks).wait(1_500), "waited");
    assert.deepEqual(events.all, []);
    process.kill(listening.child.pid!, "SIGSTOP");
    assert.match((await events.find("away")).error.message, /did not answer a ping/);
    process.kill(listening.child.pid!, "SIGCONT");
    await events.find("connected");
    await plugin.stop();
  });

  it("settles every call through a proxy that cuts at random moments", async () => {
    await using listening = await startListening(other);
    // A seed, so that what fails can be repeated.
    let seed = 20_261_122;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    // The first of each pair is long enough for the greeting; some of the others are cut in the middle of it.
    const proxy = await startProxy(
      () => listening.port,
      (connection) => (connection === 0 ? 20_000 : Math.floor(random() * 30_000)),
    );
    const [plugin, events] = await connected(proxy.address);
    const dispensed = plugin.dispense(tasks);
    const outcomes = { done: 0, none: 0, unknown: 0 };
    for (let round = 0; round < 40; round++) {
      const calls = Array.from({ length: 25 }, (_, at) =>
        dispensed.greet(`${round}.${at}.${"x".repeat(random() * 200)}`),
      );
      for (const [at, call] of (await Promise.allSettled(calls)).entries()) {
        if (call.status === "fulfilled") {
          assert.ok(call.value.startsWith(`Hello, ${round}.${at}.`));
          outcomes.done++;
          continue;
        }
        assert.ok(call.reason instanceof PluginError, String(call.reason));
        assert.ok(call.reason.execution === "none" || call.reason.execution === "unknown", call.reason.message);
        outcomes[call.reason.execution]++;
      }
    }
    assert.equal(outcomes.done + outcomes.none + outcomes.unknown, 1_000);
    assert.ok(events.all.filter(({ state }) => state === "connected").length >= 2, "the proxy must have cut");
    assert.ok(outcomes.done > 100, JSON.stringify(outcomes));
    await plugin.stop();
    await proxy.close();
  });
});

describe("a connection that is not made again", { timeout }, () => {
  it("ends what goes over it, and the plugin is let go of", async () => {
    const listening = await startListening(other);
    const plugin = await connect(listening.address, { secret, log: false });
    const failed = pluginError(plugin.dispense(tasks).wait(-1));
    await plugin.dispense(tasks).count();
    await listening[Symbol.asyncDispose]();
    assert.equal((await failed).execution, "unknown");
    assert.deepEqual(await plugin.released, { reason: "lost" });
    assert.throws(() => plugin.dispense(tasks), { code: "closed" });
    await plugin.stop();
  });
});
