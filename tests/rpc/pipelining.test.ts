import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { callback, callContext, contract, errorOrigin, method, optional, referenceTo, withOptions } from "../../mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { linkKinds } from "../support/links.ts";
import { held, inContract, inLab, nothingHeld } from "./_references.ts";
import { codec, RawPeer, withRawPlugin } from "./_sessions.ts";

const table = contract("table", {
  count: method([], v.number()),
  order: method([v.number()], v.array(v.number())),
  fails: method([]),
});
const db = contract("db", {
  table: method([v.string()], referenceTo(table)),
  broken: method([v.string()], referenceTo(table)),
  maybe: method([], optional(referenceTo(table))),
  never: method([], referenceTo(table)),
});
const host = contract("lab", {
  db: method([], referenceTo(db)),
  adder: method([v.number()], callback([v.number()], v.number())),
  same: method([callback([v.number()], v.number())], callback([v.number()], v.number())),
});

function makeHost() {
  const calls: string[] = [];
  const order: number[] = [];
  const makeTable = (name: string) => ({
    count() {
      calls.push(`${name}.count`);
      return name.length;
    },
    order(n: number) {
      order.push(n);
      return order;
    },
    fails() {
      throw new RangeError("no rows");
    },
  });
  return {
    calls,
    served: {
      db: () => ({
        async table(name: string) {
          calls.push(`table ${name}`);
          await Promise.resolve();
          return makeTable(name);
        },
        broken(name: string) {
          throw new TypeError(`no table ${name}`);
        },
        maybe: () => undefined,
        never: async () => {
          const { signal } = callContext();
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          throw signal.reason;
        },
      }),
      adder: (n: number) => (m: number) => n + m,
      same: (fn: unknown) => fn,
    },
  };
}

for (const link of linkKinds) {
  describe(`pipelined calls over ${link.name}`, () => {
    it("leave at once, and are awaited once", async () => {
      const made = makeHost();
      await inContract(
        host,
        made.served,
        async ({ lab, host: ours, plugin }) => {
          assert.equal(await lab.db().table("users").count(), 5);
          assert.deepEqual(made.calls, ["table users", "users.count"]);
          assert.equal(await lab.adder(2)(3), 5);
          ours.unclaimed.clear();
          await nothingHeld(ours, plugin);
          assert.deepEqual([ours.counts.dispensed, plugin.counts.dispensed], [1, 1]);
        },
        { link },
      );
    });

    it("keep their order, also when the answer comes between them", async () => {
      await inContract(
        host,
        makeHost().served,
        async ({ lab }) => {
          const rows = lab.db().table("rows");
          const first = Array.from({ length: 20 }, (_, n) => rows.order(n));
          using real = await rows;
          const later = Array.from({ length: 20 }, (_, n) => (n % 2 ? rows : real).order(20 + n));
          await Promise.all(first);
          const last = await Promise.all(later);
          assert.deepEqual(
            last.at(-1),
            Array.from({ length: 40 }, (_, n) => n),
          );
        },
        { link },
      );
    });
  });
}

describe("a pipelined call", () => {
  it("needs one round trip, however long the chain is", async () => {
    const { host: ours, plugin } = withRawPlugin();
    plugin.hello({
      role: "plugin",
      version: 1,
      contracts: [{ name: "lab", methods: ["db", "adder", "same"], shared: true }],
    });
    await ours.opened;
    const result = ours.dispense(host).db().table("users").count();
    result.catch(() => {});
    const frames = await Promise.all([0, 1, 2].map((n) => plugin.frame(FrameType.data, n)));
    assert.deepEqual(
      frames.map(({ payload }) => codec.decode(payload)),
      [
        [null, 0, "db", [], { answer: 1 }],
        [null, 1, "table", ["users"], { answer: 2 }],
        [null, 2, "count", []],
      ],
    );
    ours.close();
    await assert.rejects(result);
    assert.ok(plugin instanceof RawPeer);
  });

  it("fails with what the call it depends on failed with, and nothing else is heard of that", async () => {
    await inContract(host, makeHost().served, async ({ lab, host: ours, plugin }) => {
      const broken = lab.db().broken("users");
      const [count, again] = [broken.count(), broken.count()];
      for (const call of [count, again]) {
        await assert.rejects(Promise.resolve(call), (error: Error) => {
          assert.equal(errorOrigin(error), "remote");
          return error instanceof TypeError && error.message === "no table users";
        });
      }
      await assert.rejects(Promise.resolve(broken.count()), /no table users/);
      ours.unclaimed.clear();
      await nothingHeld(ours, plugin);
    });
  });

  it("fails alone when it fails itself", async () => {
    await inContract(host, makeHost().served, async ({ lab }) => {
      const rows = lab.db().table("rows");
      const fails = rows.fails();
      const count = rows.count();
      await assert.rejects(Promise.resolve(fails), /no rows/);
      assert.equal(await count, 4);
    });
  });

  it("of something that is not there is refused", async () => {
    await inContract(host, makeHost().served, async ({ lab }) => {
      const maybe = lab.db().maybe() as unknown as { count(): Promise<number> };
      await rejectsWith(maybe.count(), "no_such_method", { execution: "none" });
    });
  });

  it("is given up with the call it depends on", async () => {
    await inContract(host, makeHost().served, async ({ lab, host: ours }) => {
      using opened = await lab.db();
      const controller = new AbortController();
      const never = withOptions(opened, { signal: controller.signal }).never();
      const count = never.count();
      controller.abort("enough");
      await assert.rejects(Promise.resolve(never), (reason) => reason === "enough");
      await assert.rejects(Promise.resolve(count), (reason) => reason === "enough");
      await ours.ping();
    });
  });

  it("calls what comes home from there", async () => {
    await inContract(host, makeHost().served, async ({ lab }) => {
      let calls = 0;
      const mine = (n: number): number => {
        calls++;
        return n * 10;
      };
      const same = lab.same(mine);
      assert.equal(await same(4), 40);
      assert.equal(await same, mine);
      assert.equal(calls, 1);
    });
  });

  it("waits for the answer when the other side holds no more", async () => {
    await inContract(
      host,
      makeHost().served,
      async ({ lab }) => assert.equal(await lab.db().table("users").count(), 5),
      { plugin: { limits: { maxDispensed: 1 } } },
    );
  });

  it("works through interceptors, one answer after another", async () => {
    const seen: string[] = [];
    await inContract(
      host,
      makeHost().served,
      async ({ lab }) => {
        assert.equal(await lab.db().table("users").count(), 5);
        assert.equal(await lab.adder(1)(1), 2);
      },
      {
        host: {
          interceptors: [
            (call, next) => {
              seen.push(call.method);
              return next();
            },
          ],
        },
      },
    );
    assert.deepEqual(seen, ["db", "db().table", "db().table().count", "adder", "adder(callback)"]);
  });
});

describe("a result that nobody awaits", () => {
  it("can be called again through its promise", async () => {
    await inContract(host, makeHost().served, async ({ lab, host: ours }) => {
      const users = lab.db().table("users");
      assert.equal(await users.count(), 5);
      assert.equal(await users.count(), 5);
      await held(2, ours);
    });
  });

  it("is kept with the last 64 of them, and let go of after", async () => {
    await inContract(host, makeHost().served, async ({ lab, host: ours, plugin }) => {
      const opened = lab.db();
      using real = await opened;
      const tables = Array.from({ length: 70 }, (_, n) => real.table(`t${n}`));
      await Promise.all(tables.map((one) => one.count()));
      assert.equal(ours.unclaimed.size, 64);
      assert.equal(await tables[69]!.count(), 3);
      const error = await rejectsWith(Promise.resolve(tables[0]!.count()), "closed", { execution: "none" });
      assert.match(error.message, /await the call/);
      await held(2 * 65, ours, plugin);
      ours.unclaimed.clear();
      await held(2, ours, plugin);
    });
  });

  it("belongs to the program once it is awaited", async () => {
    await inContract(host, makeHost().served, async ({ lab, host: ours }) => {
      const users = lab.db().table("users");
      await users.count();
      assert.equal(ours.unclaimed.size, 2);
      using real = await users;
      assert.equal(ours.unclaimed.size, 1);
      assert.equal(await real.count(), 5);
    });
  });

  it("may fail unheard only if something depends on it", async () => {
    await inContract(host, makeHost().served, async ({ lab }) => {
      const broken = lab.db().broken("x");
      await assert.rejects(Promise.resolve(broken.count()));
      await assert.rejects(Promise.resolve(broken), /no table x/);
    });
  });
});

describe("calls of types alone", () => {
  interface Open {
    db(): { table(name: string): { count(): number }; keys(): AsyncIterable<string> };
    plain(): { a: number };
    keys(): AsyncIterable<string>;
  }
  const made = makeHost();
  const served = {
    db: made.served.db,
    plain: () => ({ a: 1 }),
    async *keys() {
      yield "a";
      yield "b";
    },
  };

  it("chain too, each call when the answer before it has come", async () => {
    await inLab<Open>(served, async ({ lab }) => {
      assert.equal(await lab.db().table("users").count(), 5);
      const plain = lab.plain();
      assert.ok(plain instanceof Promise);
      assert.deepEqual(await plain, { a: 1 });
      const none = lab.plain() as unknown as { nothing(): Promise<void> };
      await rejectsWith(none.nothing(), "no_such_method");
      assert.equal(String(plain), "[object Promise]");
    });
  });

  it("are refused as arguments before they are awaited", async () => {
    await inLab<{ take(value: unknown): void; plain(): { a: number } }>(
      { take() {}, plain: () => ({}) },
      async ({ lab }) => {
        const error = await rejectsWith(lab.take(lab.plain()), "unsupported_value", { path: "args[0]" });
        assert.match(error.message, /await it/);
      },
    );
  });
});
