/** Calls that are sent later than they were made. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Contract, contract, withOptions } from "../../mod.ts";
import { Flag, FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { inLab } from "./_references.ts";
import { codec, type RawFrame, RawPeer, withRawPlugin } from "./_sessions.ts";

interface Lab {
  run(what?: unknown): void;
}
const lab: Contract<Lab> = contract<Lab>("lab");
const timeoutMs = 60_000;
/** They wait so long, in ms, and more on a machine that is busy. */
const waitMs = 40;

/** Lets time pass. */
async function pass(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function withLab(streams: number) {
  const { host, plugin } = withRawPlugin();
  plugin.hello({
    role: "plugin",
    version: 1,
    limits: { streams },
    contracts: [{ name: "lab", methods: ["run"], shared: true }],
  });
  await host.opened;
  const reply = (to: RawFrame): void => plugin.say(FrameType.data, [null, 0, undefined], to.streamId, Flag.end);
  return { host, plugin, proxy: host.dispense(lab), reply };
}

function timeoutOf({ payload }: RawFrame): number {
  const { timeout } = (codec.decode(payload) as unknown[])[4] as { timeout: number };
  return timeout;
}

describe("the time left of a call", () => {
  for (const given of [timeoutMs, timeoutMs + 0.5]) {
    it(`is as of its sending when it waited for a place (${given} ms)`, async () => {
      const { host, plugin, proxy, reply } = await withLab(1);
      const first = proxy.run();
      const second = withOptions(proxy, { timeoutMs: given, metadata: { a: 1 } }).run();
      const opened = await plugin.frame(FrameType.data);
      await pass(waitMs);
      reply(opened);
      await first;
      const frame = await plugin.frame(FrameType.data, 1);
      const timeout = timeoutOf(frame);
      assert.ok(timeout <= given - waitMs && timeout > given / 2, `${timeout}`);
      reply(frame);
      await second;
      host.close();
    });
  }

  it("is as of its sending when it waited behind another of its target", async () => {
    const { host, plugin, proxy, reply } = await withLab(8);
    const first = proxy.run(new Uint8Array(100_000));
    const second = withOptions(proxy, { timeoutMs }).run();
    const opened = await plugin.frame(FrameType.data);
    await pass(waitMs);
    plugin.send(FrameType.credit, new Uint8Array([0, 1, 0, 0]), opened.streamId);
    for (let skip = 1; ; skip++) {
      const frame = await plugin.frame(FrameType.data, skip);
      if (frame.streamId === opened.streamId) continue;
      assert.ok(timeoutOf(frame) <= timeoutMs - waitMs, `${timeoutOf(frame)}`);
      reply(opened);
      reply(frame);
      break;
    }
    await Promise.all([first, second]);
    host.close();
  });

  it("that has passed when there is a place keeps it from being sent", async () => {
    const { host, plugin, proxy, reply } = await withLab(1);
    const first = proxy.run("first");
    const late = withOptions(proxy, { timeoutMs: 20 }).run("late");
    const last = proxy.run("last");
    const opened = await plugin.frame(FrameType.data);
    const over = rejectsWith(late, "timeout", { execution: "none" });
    reply(opened);
    // No timer can fire meanwhile.
    const until = performance.now() + waitMs;
    while (performance.now() < until);
    await Promise.all([first, over]);
    const frame = await plugin.frame(FrameType.data, 1);
    assert.deepEqual((codec.decode(frame.payload) as unknown[])[3], ["last"]);
    reply(frame);
    await last;
    assert.ok(plugin instanceof RawPeer);
    host.close();
  });
});

it("calls that call back without end are over when the first one's time is", async () => {
  interface Endless {
    loop(back: () => unknown): unknown;
  }
  const limits = { maxStreams: 32 };
  let calls = 0;
  await inLab<Endless>(
    { loop: (back: () => unknown) => back() },
    async ({ lab: proxy, host, plugin }) => {
      const back = (): unknown => {
        calls++;
        return proxy.loop(back);
      };
      await rejectsWith(withOptions(proxy, { timeoutMs: 300 }).loop(back) as Promise<unknown>, "timeout");
      for (let turn = 0; turn < 2_000 && host.counts.streams + plugin.counts.streams > 0; turn++) await pass(5);
      const before = calls;
      await pass(waitMs);
      assert.equal(calls, before);
    },
    { host: { limits }, plugin: { limits } },
  );
});
