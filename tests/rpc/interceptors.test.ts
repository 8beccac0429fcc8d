import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { callContext, contract, method, PluginError, withOptions } from "../../mod.ts";
import type { InterceptedCall, Interceptor } from "../../src/rpc/interceptors.ts";
import { rejectsWith } from "../support/calls.ts";
import { deadlinesSet, openPair, type SideOptions } from "./_sessions.ts";

const desk = contract("desk", {
  take: method([v.number()], v.number(), { idempotent: true }),
  metadata: method([], v.unknown()),
  forget: method([v.string()]),
  fails: method([v.string()]),
  never: method(),
});

/** An implementation of `desk` that keeps what it was called with. */
function makeDesk() {
  const taken: number[] = [];
  const started = Promise.withResolvers<void>();
  const served = desk.implement({
    take(n) {
      taken.push(n);
      return n;
    },
    metadata: () => ({ ...callContext().metadata }),
    forget() {},
    fails(text) {
      throw new RangeError(text);
    },
    async never() {
      const { signal } = callContext();
      started.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });
  return { taken, served, started: started.promise };
}

async function withDesk(
  test: (made: ReturnType<typeof makeDesk> & { host: ReturnType<typeof openPair>["host"] }) => Promise<void>,
  sides: {
    readonly host?: readonly Interceptor[];
    readonly plugin?: readonly Interceptor[];
    readonly options?: SideOptions;
  },
): Promise<void> {
  const made = makeDesk();
  const { host, plugin } = openPair(
    { interceptors: sides.host },
    { ...sides.options, serves: [made.served], interceptors: sides.plugin },
  );
  await host.opened;
  try {
    await test({ ...made, host });
    assert.equal(host.counts.streams, 0);
    assert.equal(deadlinesSet(), 0);
  } finally {
    host.close();
    await plugin.closed;
  }
}

const both = [
  { side: "host", direction: "out" },
  { side: "plugin", direction: "in" },
] as const;

for (const { side, direction } of both) {
  describe(`interceptors of calls ${direction}`, () => {
    it("see what is called, by whom, and what comes of it", async () => {
      const seen: unknown[] = [];
      const watch: Interceptor = async (call, next) => {
        const { contract: name, method: of, args, idempotent, peer, plugin } = call;
        try {
          const result = await next();
          seen.push([call.direction, name, of, args, idempotent, peer, plugin, result]);
          return result;
        } catch (error) {
          seen.push([of, String(error)]);
          throw error;
        }
      };
      await withDesk(
        async ({ host }) => {
          const proxy = host.dispense(desk);
          assert.equal(await proxy.take(7), 7);
          await assert.rejects(proxy.fails("no"), { name: "RangeError", message: "no" });
        },
        { [side]: [watch] },
      );
      const [peer, plugin] = side === "host" ? ["plugin tested", "tested"] : ["the host", undefined];
      assert.deepEqual(seen, [
        [direction, "desk", "take", [7], true, peer, plugin, 7],
        ["fails", "RangeError: no"],
      ]);
    });

    it("are nested in the order of their list", async () => {
      const steps: string[] = [];
      const named =
        (name: string): Interceptor =>
        async (_call, next) => {
          steps.push(`${name} in`);
          const result = await next();
          steps.push(`${name} out`);
          return result;
        };
      await withDesk(async ({ host }) => void (await host.dispense(desk).take(1)), {
        [side]: [named("a"), named("b")],
      });
      assert.deepEqual(steps, ["a in", "b in", "b out", "a out"]);
    });

    it("change arguments, metadata and results", async () => {
      const change: Interceptor = async (call, next) => {
        if (call.method === "metadata") {
          call.metadata.added = true;
          return await next();
        }
        call.args = [(call.args[0] as number) + 1];
        return ((await next()) as number) * 10;
      };
      await withDesk(
        async ({ host, taken }) => {
          const given: Record<string, unknown> = { own: 1 };
          const proxy = withOptions(host.dispense(desk), { metadata: given });
          assert.equal(await proxy.take(1), 20);
          assert.deepEqual(taken, [2]);
          assert.deepEqual(await proxy.metadata(), { own: 1, added: true });
          assert.deepEqual(given, { own: 1 });
          assert.deepEqual(await host.dispense(desk).metadata(), { added: true });
        },
        { [side]: [change] },
      );
    });

    it("answer in the place of the other side, and refuse", async () => {
      const guard: Interceptor = async (call, next) => {
        if (call.args[0] === 0) return 42;
        if (call.args[0] === 1) throw new RangeError("not one");
        if (call.args[0] === 2) throw new PluginError("refused", "desk.take is for others", { execution: "none" });
        return await next();
      };
      await withDesk(
        async ({ host, taken }) => {
          const proxy = host.dispense(desk);
          assert.equal(await proxy.take(0), 42);
          await assert.rejects(proxy.take(1), { name: "RangeError", message: "not one" });
          const error = await rejectsWith(proxy.take(2), "refused", { execution: "none" });
          assert.match(error.message, /for others/);
          assert.equal(await proxy.take(3), 3);
          assert.deepEqual(taken, [3]);
        },
        { [side]: [guard] },
      );
    });

    it("may call next again once it has settled, and not before", async () => {
      let tries = 0;
      const flaky: Interceptor = async (_call, next) => {
        tries++;
        if (tries < 3) throw new Error("try again");
        return await next();
      };
      const retry: Interceptor = async (call, next) => {
        for (;;) {
          try {
            return await next();
          } catch (error) {
            if (!call.idempotent || tries > 5) throw error;
          }
        }
      };
      await withDesk(async ({ host }) => assert.equal(await host.dispense(desk).take(5), 5), {
        [side]: [retry, flaky],
      });
      assert.equal(tries, 3);
      const twice: Interceptor = async (_call, next) => {
        const [first, second] = await Promise.allSettled([next(), next()]);
        assert.equal(second.status, "rejected");
        assert.match(String((second as PromiseRejectedResult).reason), /TypeError: .*desk\.take called next\(\) while/);
        return (first as PromiseFulfilledResult<unknown>).value;
      };
      await withDesk(async ({ host }) => assert.equal(await host.dispense(desk).take(5), 5), { [side]: [twice] });
      const again: Interceptor = async (_call, next) => {
        await next();
        return await next();
      };
      await withDesk(
        async ({ host, taken }) => {
          await host.dispense(desk).take(5);
          assert.deepEqual(taken, [5, 5]);
        },
        { [side]: [again] },
      );
    });

    it("are told so where they await it, however late, and the process goes on", async () => {
      const twice: Interceptor = async (_call, next) => {
        const first = next();
        const second = next();
        const value = await first;
        // By then the runtime would have ended the process for a rejection that nobody heard of.
        await new Promise<void>((resolve) => setImmediate(resolve));
        await assert.rejects(second, /called next\(\) while/);
        return value;
      };
      await withDesk(async ({ host }) => assert.equal(await host.dispense(desk).take(5), 5), { [side]: [twice] });
    });

    it("keep the order in which calls were made, however long each takes to go on", async () => {
      const gates = new Map<number, PromiseWithResolvers<void>>();
      const wait: Interceptor = async (call, next) => {
        const n = call.args[0] as number;
        if (n % 2 === 0) await gates.get(n)?.promise;
        if (n === 4) throw new Error("not four");
        return await next();
      };
      await withDesk(
        async ({ host, taken }) => {
          const proxy = host.dispense(desk);
          for (const n of [0, 2, 4]) gates.set(n, Promise.withResolvers());
          const calls = [0, 1, 2, 3, 4, 5].map((n) => proxy.take(n));
          const settled = Promise.allSettled(calls);
          for (const n of [4, 2, 0]) {
            await host.ping();
            gates.get(n)?.resolve();
          }
          assert.deepEqual(
            (await settled).map(({ status }) => status),
            ["fulfilled", "fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"],
          );
          assert.deepEqual(taken, [0, 1, 2, 3, 5]);
        },
        { [side]: [wait] },
      );
    });

    it("cannot keep a cancelled call from ending, and go on with it no more", async () => {
      let signalled: unknown;
      const stopped = Promise.withResolvers<unknown>();
      const stubborn: Interceptor = async (call, next) => {
        call.signal.addEventListener("abort", () => {
          signalled = call.signal.reason;
        });
        if (call.method !== "never") return await next();
        await next().catch(() => {});
        stopped.resolve(await next().catch((error: unknown) => error));
        return "as if nothing had been";
      };
      await withDesk(
        async ({ host, started }) => {
          const reason = new Error("enough");
          const controller = new AbortController();
          const call = withOptions(host.dispense(desk), { signal: controller.signal }).never();
          await started;
          controller.abort(reason);
          await assert.rejects(call, (error) => error === reason);
          const refused = await stopped.promise;
          assert.ok(refused === signalled, String(refused));
          if (side === "host") assert.equal(signalled, reason);
          else assert.equal((signalled as { cause?: Error }).cause?.message, "enough");
          assert.equal(await host.dispense(desk).take(1), 1);
        },
        { [side]: [stubborn] },
      );
    });

    it("know the deadline, and cannot keep the caller waiting beyond it", async () => {
      let left = 0;
      const gate = Promise.withResolvers<void>();
      const slow: Interceptor = async (call, next) => {
        if (call.method !== "take") return await next();
        left = call.deadline! - Date.now();
        await gate.promise;
        return await next();
      };
      await withDesk(
        async ({ host, taken }) => {
          const error = await rejectsWith(withOptions(host.dispense(desk), { timeoutMs: 30 }).take(1), "timeout", {
            contract: "desk",
            method: "take",
            plugin: "tested",
            execution: side === "host" ? "none" : "unknown",
          });
          assert.match(error.message, /desk\.take did not answer within 30 ms/);
          assert.ok(left > 0 && left <= 31, String(left));
          gate.resolve();
          await host.dispense(desk).forget("");
          assert.deepEqual(taken, []);
        },
        { [side]: [slow] },
      );
    });

    it("may leave the call behind that they made", async () => {
      const careless: Interceptor = (_call, next) => {
        void next();
        return "instead";
      };
      await withDesk(
        async ({ host }) => {
          const result = host.dispense(desk).fails("left alone");
          assert.equal(await result, side === "host" ? "instead" : undefined);
          await host.ping();
        },
        { [side]: [careless] },
      );
    });
  });
}

describe("interceptors", () => {
  it("see calls of both directions, and what a call was made in", async () => {
    const seen: string[] = [];
    const watch =
      (at: string): Interceptor =>
      (call, next) => {
        seen.push(`${at} ${call.direction} ${call.contract}.${call.method}`);
        return next();
      };
    const front = contract<{ ask(): number }>("front");
    const made = makeDesk();
    const { host, plugin } = openPair(
      { interceptors: [watch("host")], serves: [made.served] },
      {
        interceptors: [watch("plugin")],
        serves: [front.implement((peer) => ({ ask: () => peer.dispense(desk).take(3) as never }))],
      },
    );
    await host.opened;
    assert.equal(await host.dispense(front).ask(), 3);
    assert.deepEqual(seen, ["host out front.ask", "plugin in front.ask", "plugin out desk.take", "host in desk.take"]);
    host.close();
    await plugin.closed;
  });

  it("see callbacks, and calls of what a call gave, and may wait before them", async () => {
    const seen: string[] = [];
    const watch =
      (at: string): Interceptor =>
      async (call, next) => {
        await null;
        seen.push(`${at} ${call.direction} ${call.contract}.${call.method}`);
        return await next();
      };
    const lister = contract<{ each(item: (n: number) => void): (n: number) => number }>("lister");
    const served = lister.implement({
      async each(item) {
        for (const n of [1, 2]) await item(n);
        return (n: number) => n * 2;
      },
    });
    const { host, plugin } = openPair(
      { interceptors: [watch("host")] },
      { interceptors: [watch("plugin")], serves: [served] },
    );
    await host.opened;
    const items: number[] = [];
    const double = await host.dispense(lister).each((n) => void items.push(n));
    assert.equal(await double(21), 42);
    assert.deepEqual(items, [1, 2]);
    assert.deepEqual(
      seen.map((line) => line.replace(/\.each\S+/, ".…")),
      [
        "host out lister.each",
        "plugin in lister.each",
        "plugin out lister.…",
        "host in lister.…",
        "plugin out lister.…",
        "host in lister.…",
        "host out lister.…",
        "plugin in lister.…",
      ],
    );
    assert.ok(seen.includes("plugin out lister.each(callback)"), seen.join("; "));
    host.close();
    await plugin.closed;
  });

  it("may make calls themselves, also of the proxy whose call they hold back", async () => {
    let host: ReturnType<typeof openPair>["host"] | undefined;
    const authorized: Interceptor = async (call, next) => {
      if (call.method === "take") call.metadata.token = await host!.dispense(desk).metadata();
      return await next();
    };
    await withDesk(
      async (made) => {
        host = made.host;
        assert.deepEqual(await Promise.all([1, 2, 3].map((n) => host!.dispense(desk).take(n))), [1, 2, 3]);
      },
      { host: [authorized] },
    );
  });

  it("give an implementation the context they set up, and its calls the call's", async () => {
    let inner: InterceptedCall | undefined;
    const look: Interceptor = async (call, next) => {
      inner = call;
      assert.equal(callContext().method, call.method);
      return await next();
    };
    await withDesk(async ({ host }) => void (await host.dispense(desk).take(1)), { plugin: [look] });
    assert.equal(inner?.direction, "in");
  });

  it("do not see a call that was cancelled before it was made, nor send one", async () => {
    let count = 0;
    const counting: Interceptor = (_call, next) => {
      count++;
      return next();
    };
    await withDesk(
      async ({ host, taken }) => {
        const reason = new Error("before");
        const proxy = withOptions(host.dispense(desk), { signal: AbortSignal.abort(reason) });
        await assert.rejects(proxy.take(1), (error) => error === reason);
        assert.equal(count, 0);
        assert.deepEqual(taken, []);
      },
      { host: [counting] },
    );
  });
});
