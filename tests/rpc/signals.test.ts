import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError, retain } from "../../mod.ts";
import { linkKinds } from "../support/links.ts";
import { held, inLab, nothingHeld } from "./_references.ts";

interface Work {
  untilAborted(options: { signal: AbortSignal; pad?: string }): unknown;
  isAborted(signal: AbortSignal): unknown;
  keep(signal: AbortSignal): void;
  same(value: unknown): unknown;
  give(): { signal: AbortSignal };
}

function makeWork() {
  const began = Promise.withResolvers<void>();
  const kept: AbortSignal[] = [];
  const own = new AbortController();
  return {
    began: began.promise,
    kept,
    own,
    served: {
      async untilAborted({ signal }: { signal: AbortSignal }) {
        assert.ok(signal instanceof AbortSignal);
        began.resolve();
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        const reason = signal.reason as Error | string;
        return reason instanceof Error ? `${reason.name}: ${reason.message}` : reason;
      },
      isAborted: (signal: AbortSignal) => [signal.aborted, String(signal.reason)],
      keep: (signal: AbortSignal) => void kept.push(signal),
      same: (value: unknown) => value,
      give: () => ({ signal: own.signal }),
    },
  };
}

for (const link of linkKinds) {
  describe(`signals over ${link.name}`, () => {
    it("arrive live, with the reason that they were aborted with", async () => {
      const work = makeWork();
      await inLab<Work>(
        work.served,
        async ({ lab, host, plugin }) => {
          const controller = new AbortController();
          const call = lab.untilAborted({ signal: controller.signal });
          await work.began;
          controller.abort(new RangeError("enough"));
          assert.equal(await call, "RangeError: enough");
          await nothingHeld(host, plugin);
        },
        { link },
      );
    });
  });
}

describe("a signal", () => {
  it("that is aborted already arrives so", async () => {
    await inLab<Work>(makeWork().served, async ({ lab, host, plugin }) => {
      assert.deepEqual(await lab.isAborted(AbortSignal.abort("before")), [true, "before"]);
      assert.deepEqual(await lab.isAborted(new AbortController().signal), [false, "undefined"]);
      await nothingHeld(host, plugin);
    });
  });

  it("that is aborted while its message is being sent is aborted after it", async () => {
    const work = makeWork();
    await inLab<Work>(work.served, async ({ lab }) => {
      const controller = new AbortController();
      const call = lab.untilAborted({ signal: controller.signal, pad: "x".repeat(1_000_000) });
      controller.abort("at once");
      assert.equal(await call, "at once");
    });
  });

  it("is itself again when it comes home", async () => {
    await inLab<Work>(makeWork().served, async ({ lab }) => {
      const { signal } = new AbortController();
      assert.equal(await lab.same(signal), signal);
    });
  });

  it("does not fire any more once its call is over, unless it is retained", async () => {
    const work = makeWork();
    await inLab<Work>(work.served, async ({ lab, host, plugin }) => {
      const controller = new AbortController();
      await lab.keep(controller.signal);
      await nothingHeld(host, plugin);
      controller.abort("late");
      await lab.same(1);
      assert.equal(work.kept[0]?.aborted, false);
    });
  });

  it("in a result lives until the session ends, which aborts it", async () => {
    const work = makeWork();
    const signals: AbortSignal[] = [];
    await inLab<Work>(work.served, async ({ lab, host, plugin }) => {
      signals.push((await lab.give()).signal, (await lab.give()).signal);
      assert.equal(signals[0], signals[1]);
      await held(2, host, plugin);
      work.own.abort("done");
      await lab.same(1);
      assert.equal(signals[0]?.reason, "done");
    });
    const other = makeWork();
    await inLab<Work>(other.served, async ({ lab }) => void signals.push((await lab.give()).signal));
    assert.equal(signals[2]?.aborted, true);
    assert.equal((signals[2]?.reason as { code: string } | undefined)?.code, "closed");
  });

  it("is aborted with why the session ended, as calls are, when that is known better than by the link", async () => {
    const work = makeWork();
    const told = Promise.withResolvers<AbortSignal>();
    const killed = new PluginError("exited", "plugin tested was killed by SIGKILL");
    await inLab<Work>(
      work.served,
      async ({ lab, plugin }) => {
        const { signal } = await lab.give();
        const call = assert.rejects(lab.untilAborted({ signal: new AbortController().signal }), /killed by SIGKILL/);
        await work.began;
        signal.addEventListener("abort", () => told.resolve(signal), { once: true });
        plugin.destroy();
        await call;
        const { reason } = await told.promise;
        assert.equal(reason, killed);
      },
      { host: { explain: async () => killed } },
    );
  });

  it("is let go of once it has fired, and may still be used", async () => {
    const work = makeWork();
    const kept: AbortSignal[] = [];
    const served = {
      ...work.served,
      keep: (signal: AbortSignal) => void kept.push(retain(signal)),
      retainAgain: () => retain(kept[0]!).aborted,
      giveKept: () => kept[0],
    };
    await inLab<Work & { retainAgain(): boolean; giveKept(): AbortSignal }>(served, async ({ lab, host, plugin }) => {
      const controller = new AbortController();
      await lab.keep(controller.signal);
      await held(2, host, plugin);
      controller.abort("over");
      await nothingHeld(host, plugin);
      assert.equal(kept[0]?.reason, "over");
      assert.equal(await lab.retainAgain(), true);
      assert.equal((await lab.giveKept()).reason, "over");
      await nothingHeld(host, plugin);
      // One that has fired before it comes is no different.
      await lab.keep(AbortSignal.abort("before"));
      assert.equal(kept[1]?.reason, "before");
      await nothingHeld(host, plugin);
    });
  });

  it("leaves no listener behind", async () => {
    const work = makeWork();
    await inLab<Work>(work.served, async ({ lab }) => {
      const { signal } = new AbortController();
      let listeners = 0;
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        listeners++;
        addEventListener.apply(signal, args);
      };
      signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        listeners--;
        removeEventListener.apply(signal, args);
      };
      await lab.isAborted(signal);
      await lab.same(1);
      assert.equal(listeners, 0);
    });
  });
});
