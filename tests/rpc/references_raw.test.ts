import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, PluginError, retain, withOptions } from "../../mod.ts";
import { Flag, FrameType, ResetFlag } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { codec, type RawPeer, type SideOptions, withRawHost, withRawPlugin } from "./_sessions.ts";

interface Lab {
  take(...values: unknown[]): unknown;
  give(): { call(): void };
}
const lab = contract<Lab>("lab");
const whole = Flag.open | Flag.end;

/** A reference as a message has it: tag 20567 around its index. */
function withReferences(list: unknown, rest: (at: (index: number) => unknown) => readonly unknown[]): Uint8Array {
  const marks: object[] = [];
  const sink = {
    add: (value: object) => marks.indexOf(value),
    list: () => list as readonly unknown[],
  };
  const at = (index: number): unknown => {
    marks[index] ??= () => {};
    return marks[index];
  };
  return codec.encodeMessage([null, ...rest(at)], undefined, sink);
}

/** Replies to a call with a list of references and a result that names them, by default the first one alone. */
function replyWith(
  plugin: RawPeer,
  streamId: number,
  list: readonly unknown[],
  result: (at: (index: number) => unknown) => unknown = (at) => at(0),
): void {
  plugin.send(
    FrameType.data,
    withReferences(list, (at) => [0, result(at)]),
    streamId,
    Flag.end,
  );
}

async function host(options: SideOptions = {}) {
  const { host: session, plugin } = withRawPlugin(options);
  plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "lab", methods: ["take", "give"], shared: true }] });
  await session.opened;
  return { session, plugin, proxy: session.dispense(lab) };
}

function reset(peer: RawPeer, streamId: number, flags: number, code: number): void {
  peer.send(FrameType.reset, Uint8Array.of(code >> 8, code), streamId, flags);
}

/** The CONTROL frames of a peer that were heard, decoded, once there are so many. */
async function controls(peer: RawPeer, count: number): Promise<unknown[]> {
  await peer.frame(FrameType.control, count - 1);
  return peer.frames.filter(({ type }) => type === FrameType.control).map(({ payload }) => codec.decode(payload));
}

describe("what a call names", () => {
  it("is taken back when it is refused, and stays when it was looked at", async () => {
    for (const [code, left] of [
      [2, 0],
      [3, 0],
      [1, 1],
    ] as const) {
      const { session, plugin, proxy } = await host();
      const call = proxy.take(() => {});
      const { streamId } = await plugin.frame(FrameType.data);
      reset(plugin, streamId, ResetFlag.stopped | ResetFlag.stop, code);
      await assert.rejects(Promise.resolve(call), PluginError);
      assert.equal(session.counts.exports, left, `code ${code}`);
      session.close();
      await session.closed;
      assert.equal(session.counts.exports, 0);
    }
  });

  it("is taken back when it is cancelled before it was wholly sent, and stays when it had been", async () => {
    const { session, plugin, proxy } = await host();
    for (const [size, left] of [
      [1_000_000, 0],
      [1, 1],
    ] as const) {
      const controller = new AbortController();
      const call = withOptions(proxy, { signal: controller.signal }).take(() => {}, "x".repeat(size));
      await plugin.frame(FrameType.data, size === 1 ? 1 : 0);
      controller.abort("enough");
      await assert.rejects(Promise.resolve(call), (reason) => reason === "enough");
      assert.equal(session.counts.exports, left, `${size} characters`);
    }
    session.close();
    await session.closed;
  });
});

describe("what a reply names", () => {
  it("is given back when nobody waits for it any more", async () => {
    const { session, plugin, proxy } = await host();
    const controller = new AbortController();
    const call = withOptions(proxy, { signal: controller.signal }).give();
    const { streamId } = await plugin.frame(FrameType.data);
    controller.abort("enough");
    await assert.rejects(Promise.resolve(call));
    const list = [
      [0, 4],
      [1, 9, ["call"]],
      [0, 4],
    ];
    replyWith(plugin, streamId, list, (at) => [at(0), at(1), at(2)]);
    const [, release] = await controls(plugin, 2);
    assert.deepEqual(release, [2, 4, 1, 9, 1, 4, 1]);
    assert.equal(session.counts.imports, 0);
    session.close();
    await session.closed;
  });

  it("is given back when the reply cannot be read", async () => {
    for (const [list, rest] of [
      [
        [
          [0, 4],
          [99, 5],
        ],
        0,
      ],
      [[[0, 4]], 3],
      [[[0, 4], 77], 0],
    ] as const) {
      const { session, plugin, proxy } = await host();
      const call = proxy.give();
      const { streamId } = await plugin.frame(FrameType.data);
      plugin.send(
        FrameType.data,
        withReferences(list, (at) => [rest, at(0)]),
        streamId,
        Flag.end,
      );
      await rejectsWith(Promise.resolve(call), "bad_message", { execution: "done" });
      const [, release] = (await controls(plugin, 2)) as number[][];
      assert.deepEqual(release?.slice(0, 3), [2, 4, 1]);
      assert.equal(session.counts.imports, 0);
      session.close();
      await session.closed;
    }
  });

  it("is one proxy while it is held, and is released once, with all that was received", async () => {
    const { session, plugin, proxy } = await host();
    const gave: (Disposable & { call(): Promise<void> })[] = [];
    for (let n = 0; n < 3; n++) {
      const call = proxy.give();
      const { streamId } = await plugin.frame(FrameType.data, n);
      replyWith(plugin, streamId, [[1, 7, ["call"]]]);
      gave.push((await call) as never);
    }
    assert.ok(gave.every((one) => one === gave[0]));
    gave[0]![Symbol.dispose]();
    const [, release] = await controls(plugin, 2);
    assert.deepEqual(release, [2, 7, 3]);
    session.close();
    await session.closed;
  });

  it("must keep its kind", async () => {
    const { session, plugin, proxy } = await host();
    const first = proxy.give();
    const { streamId } = await plugin.frame(FrameType.data);
    replyWith(plugin, streamId, [[1, 7, ["call"]]]);
    using held = (await first) as unknown as Disposable;
    const second = proxy.give();
    const { streamId: next } = await plugin.frame(FrameType.data, 1);
    replyWith(plugin, next, [[0, 7]]);
    await rejectsWith(Promise.resolve(second), "bad_message");
    assert.ok(held);
    session.close();
    await session.closed;
  });
});

describe("a release", () => {
  it("waits until a call of the reference has been wholly sent", async () => {
    const { session, plugin, proxy } = await host();
    const give = proxy.give();
    const { streamId } = await plugin.frame(FrameType.data);
    replyWith(plugin, streamId, [[1, 7, ["call"]]]);
    const object = (await give) as unknown as Disposable & { call(text: string): Promise<void> };
    const call = object.call("x".repeat(100_000));
    object[Symbol.dispose]();
    const fragment = await plugin.frame(FrameType.data, 1);
    assert.deepEqual((await controls(plugin, 1)).length, 1);
    plugin.send(FrameType.credit, Uint8Array.of(0, 1, 0, 0), fragment.streamId);
    const [, release] = await controls(plugin, 2);
    assert.deepEqual(release, [2, 7, 1]);
    session.close();
    await assert.rejects(call);
    await session.closed;
  });

  for (const [says, message, code] of [
    ["of what is not held", [2, 5, 1], 1],
    ["without a count", [2, 0], 1],
    ["of no number", [2, "a", 1], 1],
    ["of none of it", [2, 0, 0], 1],
  ] as const) {
    it(`${says} ends the session`, async () => {
      const { session, plugin } = await host();
      plugin.say(FrameType.control, message);
      assert.equal((await plugin.farewell()).code, code);
      plugin.end();
      await session.closed;
    });
  }
});

describe("a peer that gives too much", () => {
  it("is told goodbye, before anything of it is kept", async () => {
    const kept: unknown[] = [];
    const served = lab.implement({
      take: (...values: object[]) => void kept.push(...values.map(retain)),
      give: () => ({}),
    } as never);
    const { plugin, host: peer } = withRawHost({ serves: [served], limits: { maxReferences: 10 } });
    peer.hello();
    peer.say(FrameType.control, [0, 0, "lab"]);
    const list = Array.from({ length: 11 }, (_, id) => [0, id]);
    peer.send(
      FrameType.data,
      withReferences(list, (at) => [0, "take", [at(0)]]),
      1,
      whole,
    );
    assert.equal((await peer.farewell()).code, 3);
    peer.end();
    await plugin.closed;
    assert.deepEqual([kept.length, plugin.counts.imports], [0, 0]);
  });

  it("that names a number for an answer twice is told goodbye", async () => {
    const served = lab.implement({ take: () => 1, give: () => ({}) } as never);
    const { plugin, host: peer } = withRawHost({ serves: [served] });
    peer.hello();
    peer.say(FrameType.control, [0, 0, "lab"]);
    peer.say(FrameType.data, [null, 0, "take", [], { answer: 0 }], 1, whole);
    assert.equal((await peer.farewell()).code, 1);
    peer.end();
    await plugin.closed;
  });
});
