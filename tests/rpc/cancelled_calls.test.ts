import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { callContext, contract, method, referenceTo, withOptions } from "../../mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { inContract, inLab, nothingHeld } from "./_references.ts";

const counter = contract("counter", { next: method([], v.number()) });
const counters = contract("lab", { open: method([], referenceTo(counter)) });

describe("a cancelled call", () => {
  it("is not sent when a getter in its arguments cancels it", async () => {
    let calls = 0;
    const served = {
      take() {
        calls++;
      },
    };
    await inLab<{ take(value: unknown): void }>(served, async ({ lab, host }) => {
      const controller = new AbortController();
      const value = {
        get name() {
          controller.abort(new Error("not after all"));
          return () => {};
        },
      };
      await assert.rejects(
        Promise.resolve(withOptions(lab, { signal: controller.signal }).take(value)),
        /not after all/,
      );
      assert.equal(host.counts.exports, 0);
      await host.ping();
      assert.equal(calls, 0);
    });
  });

  it("takes those along that were made of what it was going to give, on both sides", async () => {
    const goOn = Promise.withResolvers<void>();
    const served = {
      async open() {
        await goOn.promise;
        return { next: () => 1 };
      },
    };
    await inContract(counters, served, async ({ lab, host, plugin }) => {
      const controller = new AbortController();
      const opened = withOptions(lab, { signal: controller.signal }).open();
      const calls = [opened, opened.next(), opened.next()].map((call) => Promise.resolve(call));
      await host.ping();
      assert.equal(plugin.counts.streams, 3);
      controller.abort(new Error("enough"));
      for (const call of calls) await assert.rejects(call, /enough/);
      await host.ping();
      // What runs is counted until it has ended; those that wait for it are not.
      assert.deepEqual([host.counts.streams, plugin.counts.streams], [1, 1]);
      goOn.resolve();
      while (host.counts.streams > 0) await host.ping();
    });
  });

  it("gives what waits in a generator that is left the reason of its signal", async () => {
    const seen = Promise.withResolvers<unknown>();
    const served = {
      async *items(ask: (n: number) => Promise<number>) {
        const { signal } = callContext();
        yield 0;
        try {
          yield await ask(1);
        } catch (error) {
          seen.resolve([error === signal.reason, (error as Error).name]);
        }
      },
    };
    await inLab<{ items(ask: (n: number) => unknown): AsyncIterable<number> }>(served, async ({ lab, host }) => {
      const asked = Promise.withResolvers<void>();
      const ask = async (): Promise<void> => {
        asked.resolve();
        const { signal } = callContext();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      };
      for await (const _ of lab.items(ask)) {
        await asked.promise;
        break;
      }
      assert.deepEqual(await seen.promise, [true, "AbortError"]);
      while (host.counts.streams > 0) await host.ping();
    });
  });
});

describe("a call whose time is over before it is made", () => {
  it("is not made", async () => {
    let calls = 0;
    await inLab<{ take(): void }>({ take: () => void calls++ }, async ({ lab, host }) => {
      const call = withOptions(lab, { timeoutMs: 0 }).take();
      const { message } = await rejectsWith(call, "timeout", { execution: "none" });
      assert.equal(message, "lab.take was not called: no time was left for it");
      await host.ping();
      assert.equal(calls, 0);
    });
  });

  for (const interceptors of [undefined, [(_call: unknown, next: () => Promise<unknown>) => next()]]) {
    it(`ends two sides that call each other without end ${interceptors ? "through interceptors" : ""}`, async () => {
      const served = { call: (callback: () => unknown) => callback() };
      const sides = { host: { interceptors }, plugin: { interceptors } };
      await inLab<{ call(callback: () => unknown): unknown }>(
        served,
        async ({ lab, host }) => {
          const back = (): unknown => lab.call(back);
          // Its own time passes first, or that of one further in, whose error is passed on.
          await assert.rejects(Promise.resolve(withOptions(lab, { timeoutMs: 5 }).call(back)), { code: "timeout" });
          const ended = Date.now() + 4_000;
          while (host.counts.streams > 0 && Date.now() < ended) await host.ping();
        },
        sides,
      );
    });
  }
});

describe("a generator that is left", () => {
  it("may still use what was lent to its call in its finally", async () => {
    const served = {
      async *items(say: (text: string) => unknown) {
        try {
          for (;;) yield "x".repeat(100_000);
        } finally {
          await say("bye");
        }
      },
    };
    await inLab<{ items(say: (text: string) => unknown): AsyncIterable<string> }>(
      served,
      async ({ lab, host, plugin }) => {
        const said: string[] = [];
        for await (const _ of lab.items((text) => void said.push(text))) break;
        assert.deepEqual(said, ["bye"]);
        await nothingHeld(host, plugin);
      },
    );
  });
});
