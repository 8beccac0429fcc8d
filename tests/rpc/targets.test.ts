import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callContext, contract, withOptions } from "../../mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { codec, deadlinesSet, makeTool, makeToolFactory, openPair, tool, withRawHost } from "./_sessions.ts";

describe("what is dispensed", () => {
  it("costs the other side nothing before its first call, and nothing after its disposal", async () => {
    const { host, plugin } = openPair({}, { serves: [makeToolFactory().served] });
    await host.opened;
    for (let n = 0; n < 5_000; n++) host.dispense(tool);
    await host.ping();
    assert.equal(plugin.counts.dispensed, 0);
    for (let n = 0; n < 5_000; n++) {
      using proxy = host.dispense(tool);
      await proxy.run();
    }
    await host.ping();
    assert.deepEqual([host.counts.dispensed, plugin.counts.dispensed], [0, 0]);
    host.close();
    await plugin.closed;
  });

  it("is bounded: a call too many says so, and another can be made once a proxy is disposed of", async () => {
    const { host, plugin } = openPair({}, { serves: [makeToolFactory().served], limits: { maxDispensed: 2 } });
    await host.opened;
    const [first, second, third] = [host.dispense(tool), host.dispense(tool), host.dispense(tool)];
    await Promise.all([first.run(), second.run()]);
    const error = await rejectsWith(third.run(), "limit", { execution: "none", contract: "tool", method: "run" });
    assert.match(error.message, /2 contracts of plugin tested are in use.*limits\.maxDispensed.*using/);
    first[Symbol.dispose]();
    await third.run();
    assert.equal(plugin.counts.dispensed, 2);
    host.close();
    assert.equal(await plugin.closed, undefined);
  });

  it("is one target for all dispenses of an implementation that all share, however many there are", async () => {
    const { host, plugin } = openPair({}, { serves: [makeTool().served], limits: { maxDispensed: 2 } });
    await host.opened;
    const kept = host.dispense(tool);
    for (let n = 0; n < 5_000; n++) await host.dispense(tool).run();
    const disposed = host.dispense(tool);
    disposed[Symbol.dispose]();
    await rejectsWith(disposed.run(), "closed", { execution: "none" });
    await kept.run();
    assert.deepEqual([host.counts.dispensed, plugin.counts.dispensed], [1, 1]);
    host.close();
    await plugin.closed;
  });

  it("is made for ever by no two factories that dispense each other's contract", async () => {
    const there = contract<{ up(n: number): Promise<number> }>("there");
    const here = contract<{ down(n: number): Promise<number> }>("here");
    let made = 0;
    const { host, plugin } = openPair(
      {
        serves: [
          here.implement((peer) => {
            made++;
            const other = peer.dispense(there);
            return { down: async (n) => (n === 0 ? 0 : 1 + (await other.up(n - 1))) };
          }),
        ],
      },
      {
        serves: [
          there.implement((peer) => {
            made++;
            const other = peer.dispense(here);
            return { up: async (n) => (n === 0 ? 0 : 1 + (await other.down(n - 1))) };
          }),
        ],
      },
    );
    await host.opened;
    assert.equal(await host.dispense(there).up(5), 5);
    assert.equal(made, 6);
    host.close();
    await plugin.closed;
  });

  it("fails all its calls with what its factory threw", async () => {
    const bad = tool.implement(async () => {
      await Promise.resolve();
      throw new RangeError("no room for a tool");
    });
    const { host, plugin } = openPair({}, { serves: [bad] });
    await host.opened;
    const proxy = host.dispense(tool);
    const all = await Promise.allSettled([proxy.run(), proxy.run()]);
    for (const one of all) assert.ok(one.status === "rejected" && one.reason instanceof RangeError);
    host.close();
    await plugin.closed;
  });

  it("is made in no call, whichever call its frame arrived in", async () => {
    const seen: unknown[] = [];
    const served = tool.implement(() => {
      assert.throws(() => callContext(), { code: "internal" });
      seen.push("made");
      return { run: () => void seen.push(callContext().contract) };
    });
    const outer = contract<{ call(): Promise<void> }>("outer");
    const { host, plugin } = openPair(
      { serves: [served] },
      {
        serves: [outer.implement({ call: () => callContext().peer.dispense(tool).run() })],
      },
    );
    await host.opened;
    await host.dispense(outer).call();
    assert.deepEqual(seen, ["made", "tool"]);
    host.close();
    await plugin.closed;
  });
});

describe("calls that are held back while replies wait for the host", () => {
  const open = 1;
  const end = 4;
  const text = contract<{ big(): string; note(name: string): void }>("text");

  /** A plugin of which one large reply waits for credit, so that it starts no further calls. */
  async function congested() {
    const notes: string[] = [];
    const served = text.implement({ big: () => "x".repeat(200_000), note: (name) => void notes.push(name) });
    const { plugin, host } = withRawHost({ serves: [served], limits: { maxQueuedBytes: 60_000 } });
    let pings = 0;
    const settled = async (): Promise<void> => {
      host.send(FrameType.ping, new Uint8Array(8));
      await host.frame(FrameType.ping, pings++);
    };
    const note = (streamId: number, name: string, options: unknown = undefined): void =>
      host.say(FrameType.data, [null, 0, "note", [name], ...(options ? [options] : [])], streamId, open | end);
    host.hello();
    host.say(FrameType.control, [0, 0, "text"]);
    host.say(FrameType.data, [null, 0, "big", []], 1, open | end);
    /** Takes the large reply. */
    const release = (): void => host.send(FrameType.credit, new Uint8Array([0, 4, 0, 0]), 1);
    const replyOf = async (streamId: number): Promise<unknown[]> => {
      for (let skip = 0; ; skip++) {
        const frame = await host.frame(FrameType.data, skip);
        if (frame.streamId === streamId) return codec.decode(frame.payload) as unknown[];
      }
    };
    const finish = async (): Promise<void> => {
      plugin.close();
      await plugin.closed;
    };
    return { host, notes, settled, note, release, replyOf, finish };
  }

  it("run in their order once it takes them; a drop does not overtake them", async () => {
    const { host, notes, settled, note, release, replyOf, finish } = await congested();
    for (let n = 0; n < 1_000; n++) note(n * 2 + 3, `${n}`);
    host.say(FrameType.control, [1, 0]);
    note(3_001, "after the drop");
    await settled();
    assert.deepEqual(notes, []);
    release();
    assert.equal((await replyOf(3_001))[1], 2, "the target is gone by then");
    assert.deepEqual(
      notes,
      Array.from({ length: 1_000 }, (_, n) => `${n}`),
    );
    await finish();
  });

  it("do not run when they are cancelled meanwhile", async () => {
    const { host, notes, settled, note, release, replyOf, finish } = await congested();
    for (let n = 0; n < 10; n++) note(n * 2 + 3, `${n}`);
    for (let n = 0; n < 10; n += 2) host.send(FrameType.reset, new Uint8Array([0, 1]), n * 2 + 3, 2);
    await settled();
    release();
    await replyOf(21);
    assert.deepEqual(notes, ["1", "3", "5", "7", "9"]);
    await finish();
  });

  it("do not run when their time has passed meanwhile", async () => {
    const { host, notes, settled, note, release, replyOf, finish } = await congested();
    note(3, "late", { timeout: 0 });
    note(5, "in time", { timeout: 60_000 });
    await settled();
    release();
    await replyOf(5);
    assert.deepEqual(notes, ["in time"]);
    assert.equal((await host.frame(FrameType.reset)).payload[1], 4);
    await finish();
  });

  it("end with the session", async () => {
    const { notes, settled, note, finish } = await congested();
    note(3, "never");
    await settled();
    await finish();
    assert.deepEqual(notes, []);
  });
});

it("deadlines leave nothing behind when calls are answered, cancelled or lost", async () => {
  const wait = contract<{ now(): void; forEver(): Promise<void> }>("wait");
  const served = wait.implement({
    now() {},
    forEver: () =>
      new Promise((_, reject) => callContext().signal.addEventListener("abort", () => reject(new Error()))),
  });
  const { host, plugin } = openPair({}, { serves: [served] });
  await host.opened;
  const before = deadlinesSet();
  const timed = withOptions(host.dispense(wait), { timeoutMs: 60_000 });
  await Promise.all(Array.from({ length: 100 }, () => timed.now()));
  assert.equal(deadlinesSet(), before);
  const controller = new AbortController();
  const cancelled = withOptions(timed, { signal: controller.signal }).forEver();
  controller.abort("enough");
  await assert.rejects(cancelled, (error) => error === "enough");
  const lost = timed.forEver();
  await host.ping();
  host.close();
  await rejectsWith(lost, "closed", { execution: "unknown" });
  await plugin.closed;
  assert.equal(deadlinesSet(), before);
});
