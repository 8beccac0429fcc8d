import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  callback,
  callContext,
  contract,
  errorOrigin,
  method,
  optional,
  PluginError,
  reference,
  referenceTo,
  retain,
  withOptions,
} from "../../mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { linkKinds } from "../support/links.ts";
import { held, inContract, inLab, nothingHeld } from "./_references.ts";

type Fn = (...args: never[]) => unknown;

interface Counter {
  next(): number;
}

class RealCounter {
  #count = 0;
  next(): number {
    return ++this.#count;
  }
  self(): this {
    return reference(this);
  }
}

function untilCancelled(): Promise<void> {
  const { signal } = callContext();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

for (const link of linkKinds) {
  describe(`references over ${link.name}`, () => {
    it("call back while the call runs, and end with it", async () => {
      const implementation = {
        async each(items: string[], visit: (item: string, index: number) => Promise<number>) {
          let sum = 0;
          for (const [index, item] of items.entries()) sum += await visit(item, index);
          return sum;
        },
      };
      await inLab<{ each(items: string[], visit: (item: string, index: number) => number): number }>(
        implementation,
        async ({ lab, host, plugin }) => {
          const seen: string[] = [];
          const sum = await lab.each(["a", "bc"], (item, index) => {
            seen.push(`${index}${item}`);
            return item.length;
          });
          assert.equal(sum, 3);
          assert.deepEqual(seen, ["0a", "1bc"]);
          await nothingHeld(host, plugin);
        },
        { link },
      );
    });

    it("give objects with methods, which are kept until they are disposed of", async () => {
      const implementation = { open: () => reference(new RealCounter()) };
      await inLab<{ open(): Counter & { self(): Counter } }>(
        implementation,
        async ({ lab, host, plugin }) => {
          {
            using counter = await lab.open();
            assert.deepEqual([await counter.next(), await counter.next()], [1, 2]);
            assert.equal(Object.getPrototypeOf(counter), null);
            assert.ok(Object.isFrozen(counter));
            assert.deepEqual(Object.keys(counter), ["next", "self"]);
            assert.equal(await counter.self(), counter);
            await held(2, host, plugin);
          }
          await nothingHeld(host, plugin);
        },
        { link },
      );
    });

    it("nest in data, both ways, and in each other", async () => {
      const implementation = {
        async build(options: {
          steps: { run: (n: number) => Promise<(n: number) => Promise<number>> }[];
          name: string;
        }) {
          const inner = await options.steps[0]!.run(2);
          const six = await inner(3);
          return { name: options.name, six, tools: [{ double: (n: number) => n * 2 }] };
        },
      };
      await inLab<{ build(options: unknown): { name: string; six: number; tools: { double(n: number): number }[] } }>(
        implementation,
        async ({ lab, host, plugin }) => {
          const built = await lab.build({ name: "n", steps: [{ run: (n: number) => (m: number) => n * m }] });
          assert.deepEqual([built.name, built.six], ["n", 6]);
          const [tools] = built.tools as unknown as [{ double(n: number): Promise<number> } & Disposable];
          assert.equal(await tools.double(21), 42);
          tools[Symbol.dispose]();
          await rejectsWith(tools.double(1), "closed", { execution: "none" });
          // What the plugin's callback gave back belongs to the plugin, which did not dispose of it.
          await held(2, host, plugin);
        },
        { link },
      );
    });

    it("are themselves again when they come home", async () => {
      const kept: unknown[] = [];
      const implementation = {
        same: (value: unknown) => value,
        keep: (value: object) => void kept.push(retain(value)),
        kept: () => ({ all: kept }),
      };
      await inLab<{ same(value: unknown): unknown; keep(value: object): void; kept(): { all: unknown[] } }>(
        implementation,
        async ({ lab, host, plugin }) => {
          const fn = (): number => 1;
          const object = reference({ data: 1, hello: () => "hello" });
          assert.equal(await lab.same(fn), fn);
          assert.equal(await lab.same(object), object);
          const deep = (await lab.same({ a: [fn, fn], object })) as { a: Fn[]; object: unknown };
          assert.deepEqual(deep.a, [fn, fn]);
          assert.equal(deep.object, object);
          await nothingHeld(host, plugin);
          await lab.keep(fn);
          await lab.keep(fn);
          assert.equal(kept[0], kept[1]);
          assert.deepEqual((await lab.kept()).all, [fn, fn]);
          (kept[0] as Disposable)[Symbol.dispose]();
          await nothingHeld(host, plugin);
        },
        { link },
      );
    });

    it("keep the order of calls of each", async () => {
      const order: number[] = [];
      const implementation = {
        async many(visit: (n: number, text: string) => Promise<void>) {
          await Promise.all(Array.from({ length: 40 }, (_, n) => visit(n, "x".repeat(n % 3 === 0 ? 100_000 : 1))));
        },
      };
      await inLab<{ many(visit: (n: number) => void): void }>(
        implementation,
        async ({ lab }) => {
          await lab.many((n) => void order.push(n));
          assert.deepEqual(
            order,
            Array.from({ length: 40 }, (_, n) => n),
          );
        },
        { link },
      );
    });
  });
}

describe("what was lent", () => {
  it("cannot be used after its call, and the error says what to do", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const implementation = {
      take(fn: () => Promise<unknown>) {
        late = fn;
      },
    };
    await inLab<{ take(fn: () => void): void }>(implementation, async ({ lab, host, plugin }) => {
      await lab.take(() => {});
      const error = await rejectsWith(late!(), "closed", {
        execution: "none",
        contract: "lab",
        method: "take(callback)",
      });
      assert.match(error.message, /retain/);
      await nothingHeld(host, plugin);
      assert.throws(() => retain(late!), /retain/);
    });
  });

  it("cannot be sent home after its call, and the caller is told why", async () => {
    let late: object | undefined;
    const implementation = {
      take(fn: object) {
        late = fn;
      },
      give: () => [late],
    };
    await inLab<{ take(fn: () => void): void; give(): unknown }>(implementation, async ({ lab }) => {
      await lab.take(() => {});
      const error = await rejectsWith(lab.give(), "unsupported_value", { execution: "done" });
      assert.match(error.message, /^cannot send result\[0\]: .*retain/);
    });
  });

  it("is kept by retain, until it is disposed of", async () => {
    let kept: ((() => Promise<number>) & Disposable) | undefined;
    const implementation = {
      take(fn: (() => Promise<number>) & Disposable) {
        kept = retain(fn);
        assert.equal(kept, fn);
      },
    };
    await inLab<{ take(fn: () => number): void }>(implementation, async ({ lab, host, plugin }) => {
      await lab.take(() => 5);
      assert.equal(await kept!(), 5);
      await held(2, host, plugin);
      kept![Symbol.dispose]();
      kept![Symbol.dispose]();
      const error = await rejectsWith(kept!(), "closed", { execution: "none" });
      assert.match(error.message, /disposed of/);
      await nothingHeld(host, plugin);
    });
  });

  it("is kept by a method that says so", async () => {
    const kept: (() => Promise<void>)[] = [];
    const watcher = contract("lab", { watch: method([callback()], undefined, { keeps: true }) });
    const implementation = { watch: (fn: () => Promise<void>) => void kept.push(fn) };
    await inContract(watcher, implementation, async ({ lab, host, plugin }) => {
      let calls = 0;
      await lab.watch(() => void calls++);
      await kept[0]!();
      assert.equal(calls, 1);
      await held(2, host, plugin);
    });
  });

  it("lasts as long as any of the calls that it was lent to", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const began = Promise.withResolvers<void>();
    let running = 0;
    const implementation = {
      async use(which: number, fn: () => Promise<number>) {
        if (++running === 2) began.resolve();
        await gates[which]!.promise;
        return await fn();
      },
    };
    await inLab<{ use(which: number, fn: () => number): number }>(implementation, async ({ lab, host, plugin }) => {
      const fn = (): number => 7;
      const both = [lab.use(0, fn), lab.use(1, fn)];
      await began.promise;
      gates[0]!.resolve();
      assert.equal(await both[0], 7);
      gates[1]!.resolve();
      assert.equal(await both[1], 7);
      await nothingHeld(host, plugin);
    });
  });

  it("ends when the call is cancelled and its implementation has ended", async () => {
    const began = Promise.withResolvers<void>();
    const implementation = {
      async wait(_fn: () => void) {
        const { signal } = callContext();
        began.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    };
    await inLab<{ wait(fn: () => void): void }>(implementation, async ({ lab, host, plugin }) => {
      const controller = new AbortController();
      const call = withOptions(lab, { signal: controller.signal }).wait(() => {});
      await began.promise;
      controller.abort("enough");
      await assert.rejects(Promise.resolve(call), (reason) => reason === "enough");
      await nothingHeld(host, plugin);
    });
  });
});

describe("a call of a reference", () => {
  it("rejects with what the function threw, which says where it was", async () => {
    const implementation = {
      async call(fn: () => Promise<unknown>) {
        return await fn().catch((error: Error & { code: string }) => [
          error.constructor.name,
          error.message,
          errorOrigin(error),
        ]);
      },
    };
    await inLab<{ call(fn: () => unknown): unknown }>(implementation, async ({ lab }) => {
      const thrown = await lab.call(() => {
        throw new RangeError("too far");
      });
      assert.deepEqual(thrown, ["RangeError", "too far", "remote"]);
    });
  });

  it("that nobody awaits may fail: it is logged, and nothing else", async () => {
    const implementation = {
      async forget(fn: () => Promise<unknown>) {
        void fn();
        await fn().catch(() => {});
      },
    };
    await inLab<{ forget(fn: () => void): void }>(implementation, async ({ lab }) => {
      let calls = 0;
      await lab.forget(() => {
        calls++;
        throw new Error("nobody hears this");
      });
      assert.equal(calls, 2);
    });
  });

  it("tells the function what it is called as, and inherits the time that is left", async () => {
    const implementation = { call: async (fn: () => Promise<unknown>) => await fn() };
    await inLab<{ call(fn: () => unknown): unknown }>(implementation, async ({ lab }) => {
      const seen = await withOptions(lab, { timeoutMs: 5_000 }).call(() => {
        const { contract: name, method: label, deadline } = callContext();
        return [name, label, deadline !== undefined && deadline - Date.now() <= 5_000];
      });
      assert.deepEqual(seen, ["lab", "call(callback)", true]);
    });
  });

  it("takes options as any call does", async () => {
    const implementation = { open: () => ({ never: () => untilCancelled(), meta: () => callContext().metadata }) };
    await inLab<{ open(): { never(): void; meta(): unknown } }>(implementation, async ({ lab }) => {
      using opened = await lab.open();
      await rejectsWith(Promise.resolve(withOptions(opened, { timeoutMs: 10 }).never()), "timeout", {
        method: "open().never",
      });
      assert.deepEqual(await withOptions(opened, { metadata: { a: 1 } }).meta(), { a: 1 });
    });
  });

  it("of a session that is over is refused, and says why", async () => {
    let fn: (() => Promise<unknown>) | undefined;
    const implementation = {
      take(given: () => Promise<unknown>) {
        fn = retain(given);
      },
    };
    await inLab<{ take(fn: () => void): void }>(implementation, async ({ lab }) => void (await lab.take(() => {})));
    await rejectsWith(fn!(), "closed", { execution: "none" });
  });

  it("reaches nothing but what it names", async () => {
    class Secret extends RealCounter {
      readonly token = "secret";
    }
    const implementation = { open: () => reference(new Secret()) };
    await inLab<{ open(): Counter }>(implementation, async ({ lab, host }) => {
      using opened = await lab.open();
      const names = Object.keys(opened);
      assert.deepEqual(names.sort(), ["next", "self"]);
      for (const name of ["constructor", "__proto__", "then", "token", "hasOwnProperty", ""]) {
        const stray = (opened as unknown as Record<string, unknown>)[name];
        assert.equal(stray, undefined, name);
      }
      assert.equal(host.counts.imports, 1);
    });
  });
});

describe("references by contract", () => {
  const row = contract("row", { name: method([], v.string()), wrong: method([], v.number()) });
  const table = contract("lab", {
    pick: method([v.array(v.string()), callback([v.string()], v.boolean())], v.optional(v.string())),
    row: method([v.string()], referenceTo(row)),
    maybe: method([optional(callback([v.number()], v.number()))], v.number()),
    rename: method([referenceTo(row)], v.string()),
  });
  const implementation = {
    async pick(items: string[], test: (item: never) => Promise<boolean>) {
      for (const item of items) if (await test(item as never)) return item;
      return undefined;
    },
    row: (name: string) => ({ name: () => name, wrong: () => "text", hidden: () => 1 }),
    maybe: async (fn?: (n: never) => Promise<number>) => (fn === undefined ? -1 : await fn(1 as never)),
    rename: async (given: { name(): Promise<string> }) => `<${await given.name()}>`,
  };

  it("check the arguments where the function is, and the result where it was called", async () => {
    await inContract(table, implementation, async ({ lab }) => {
      assert.equal(await lab.pick(["a", "b"], (item) => item === "b"), "b");
      const wrong = lab.pick(["a"], (() => "yes") as never);
      await assert.rejects(Promise.resolve(wrong), /lab\.pick\(callback\) gave a result .* Expected boolean/);
    });
    const careless = {
      ...implementation,
      pick: async (_: string[], test: (item: never) => Promise<unknown>) => await test(5 as never),
    };
    await inContract(table, careless, async ({ lab }) => {
      let calls = 0;
      const call = lab.pick(["a"], () => {
        calls++;
        return true;
      });
      await assert.rejects(Promise.resolve(call), /the caller of lab\.pick\(callback\) passed .* Expected string/);
      assert.equal(calls, 0);
    });
  });

  it("give objects with the contract's methods alone, each checked", async () => {
    await inContract(table, implementation, async ({ lab }) => {
      using one = await lab.row("r");
      assert.deepEqual(Object.keys(one), ["name", "wrong"]);
      assert.equal(await one.name(), "r");
      const error = await rejectsWith(one.wrong(), "invalid_result");
      assert.match(error.message, /lab\.row\(\)\.wrong|row/);
    });
  });

  it("may be left out where they are optional", async () => {
    await inContract(table, implementation, async ({ lab }) => {
      assert.equal(await lab.maybe(), -1);
      assert.equal(await lab.maybe((n) => n + 1), 2);
    });
  });

  it("take plain objects by reference, whatever else they hold, and refuse copies", async () => {
    await inContract(table, implementation, async ({ lab }) => {
      const mixed = { label: "data beside", name: () => "mixed", wrong: () => 1 };
      assert.equal(await lab.rename(mixed as never), "<mixed>");
      const error = await rejectsWith(Promise.resolve(lab.rename({ nothing: 1 } as never)), "unsupported_value", {
        execution: "none",
      });
      assert.match(error.message, /args\[0\].*no method "name"/);
    });
  });
});

describe("limits", () => {
  it("refuse to pin more than the other side holds, and say what to do", async () => {
    const kept: unknown[] = [];
    const implementation = { keep: (fn: object) => void kept.push(retain(fn)) };
    const options = { host: { limits: { maxReferences: 3 } } };
    await inLab<{ keep(fn: () => void): void }>(
      implementation,
      async ({ lab, host, plugin }) => {
        for (let n = 0; n < 3; n++) await lab.keep(() => {});
        const error = await rejectsWith(
          lab.keep(() => {}),
          "limit",
          { execution: "none", path: "args[0]" },
        );
        assert.match(error.message, /retain/);
        (kept[0] as Disposable)[Symbol.dispose]();
        await held(4, host, plugin);
        await lab.keep(() => {});
      },
      options,
    );
  });

  it("take back what a call named that was refused before it was sent", async () => {
    await inLab<{ take(...values: unknown[]): void }>(
      { take() {} },
      async ({ lab, host }) => {
        await rejectsWith(
          lab.take(() => {}, Symbol("no")),
          "unsupported_value",
          { path: "args[1]" },
        );
        await rejectsWith(
          lab.take(() => {}, "x".repeat(100_000)),
          "too_large",
        );
        assert.equal(host.counts.exports, 0);
      },
      { plugin: { limits: { maxMessageBytes: 65_536 } } },
    );
  });
});

it("reference() and retain() refuse what they cannot take", () => {
  assert.throws(() => reference({ a: 1 }), TypeError);
  assert.throws(() => reference(5 as never), TypeError);
  const fn = (): void => {};
  assert.equal(reference(fn), fn);
  assert.equal(retain(fn), fn);
  assert.ok(new PluginError("closed", "") instanceof Error);
});
