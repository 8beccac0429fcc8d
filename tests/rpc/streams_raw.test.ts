import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, PluginError } from "../../mod.ts";
import { Flag, FrameType, ResetFlag } from "../../src/wire/mod.ts";
import { codec, type RawPeer, withRawHost, withRawPlugin } from "./_sessions.ts";

interface Taps {
  tap(): AsyncIterable<unknown>;
  run(): number;
}
const taps = contract<Taps>("taps");
const whole = Flag.open | Flag.end;
const isCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

/** A message whose body holds one reference, the first of this list. */
function naming(list: readonly unknown[], ...before: readonly unknown[]): Uint8Array {
  const mark = (): void => {};
  return codec.encodeMessage([null, ...before, mark], undefined, { add: () => 0, list: () => list });
}

function reset(peer: RawPeer, streamId: number, flags: number, code: number, reason?: unknown): void {
  const body = reason === undefined ? [] : codec.encode(reason);
  peer.send(FrameType.reset, Uint8Array.of(code >> 8, code, ...body), streamId, flags);
}

/** A host that was given a stream by a plugin written by hand, and has asked for its first item. */
async function reading(kind: number) {
  const { host, plugin } = withRawPlugin();
  plugin.hello({ role: "plugin", version: 1, contracts: [{ name: "taps", methods: ["tap", "run"], shared: true }] });
  await host.opened;
  const call = host.dispense(taps).tap();
  const { streamId } = await plugin.frame(FrameType.data);
  plugin.send(FrameType.data, naming([[kind, 5]], 0), streamId, Flag.end);
  const items = (await call)[Symbol.asyncIterator]();
  const first = items.next();
  const opening = await plugin.frame(FrameType.data, 1);
  assert.deepEqual(codec.decode(opening.payload), [null, -6, "", []]);
  assert.equal(opening.flags, whole);
  return { host, plugin, items, first, id: opening.streamId };
}

/** A plugin that has given a stream to a host written by hand. */
async function giving(source: () => AsyncIterable<unknown>) {
  const { host, plugin } = withRawHost({ serves: [taps.implement({ tap: source, run: () => 1 })] });
  host.hello();
  host.say(FrameType.control, [0, 0, "taps"]);
  host.say(FrameType.data, [null, 0, "tap", []], 1, whole);
  const reply = await host.frame(FrameType.data);
  assert.equal(reply.streamId, 1);
  const [[[kind, id]]] = codec.decodeMessage(reply.payload, { begin: () => {}, at: () => 0 }) as [[[number, number]]];
  return { host, plugin, kind, id };
}

async function closed(session: { close(): void; closed: Promise<unknown> }): Promise<void> {
  session.close();
  await session.closed;
}

describe("who reads a stream of a peer that breaks the rules", () => {
  const bad: readonly (readonly [says: string, payload: Uint8Array])[] = [
    ["no array", codec.encode(5)],
    ["an array of three", codec.encode([null, 0, 1])],
    ["no CBOR", Uint8Array.of(0x9f, 0xff)],
    [
      "an index that its list does not have",
      naming([[0, 9]])
        .slice(0, -1)
        .map((byte) => byte),
    ],
    ["a reference of an unknown kind", naming([[99, 9]])],
  ];
  for (const [says, payload] of bad) {
    it(`fails at an item that is ${says}, and stops the stream`, async () => {
      const { host, plugin, first, id } = await reading(3);
      plugin.send(FrameType.data, payload, id);
      await assert.rejects(first, isCode("bad_message"));
      const { streamId, flags } = await plugin.frame(FrameType.reset);
      assert.deepEqual([streamId, flags], [id, ResetFlag.stop]);
      reset(plugin, id, ResetFlag.stopped, 0);
      await closed(host);
    });
  }

  it("takes bytes of an iterable, and items of a ReadableStream: it is the peer's to say", async () => {
    for (const kind of [2, 3]) {
      const { host, plugin, items, first, id } = await reading(kind);
      plugin.send(FrameType.bytes, Uint8Array.of(1, 2), id);
      plugin.send(FrameType.bytes, new Uint8Array(0), id, Flag.end);
      assert.deepEqual((await first).value, Uint8Array.of(1, 2));
      assert.equal((await items.next()).done, true);
      await closed(host);
    }
  });

  it("takes a reset without a reason, and one with a reason that is none", async () => {
    for (const reason of [undefined, "text", [1]]) {
      const { host, plugin, first, id } = await reading(3);
      reset(plugin, id, ResetFlag.stopped, 5, reason);
      await assert.rejects(first, Error);
      await closed(host);
    }
  });

  it("fails with what cannot be sent on the other side", async () => {
    const { host, plugin, first, id } = await reading(3);
    reset(plugin, id, ResetFlag.stopped, 5, { code: "unsupported_value", message: "no such thing" });
    await assert.rejects(first, isCode("unsupported_value"));
    await closed(host);
  });

  it("releases what comes after it has stopped, and what it never took", async () => {
    const { host, plugin, items, first, id } = await reading(3);
    plugin.send(FrameType.data, naming([[0, 20]]), id);
    await first;
    plugin.send(FrameType.data, naming([[0, 21]]), id);
    plugin.send(FrameType.ping, new Uint8Array(8));
    await plugin.frame(FrameType.ping);
    const stopped = items.return?.();
    await plugin.frame(FrameType.reset);
    plugin.send(FrameType.data, naming([[0, 22]]), id);
    reset(plugin, id, ResetFlag.stopped, 0);
    await stopped;
    const released = new Set<unknown>();
    for (let skip = 1; !released.has(22) || !released.has(5) || !released.has(21); skip++) {
      const message = codec.decode((await plugin.frame(FrameType.control, skip)).payload) as number[];
      if (message[0] === 2) for (let at = 1; at < message.length; at += 2) released.add(message[at]);
    }
    assert.equal(released.has(20), false);
    assert.equal(host.counts.imports, 1);
    await closed(host);
  });
});

describe("who gives a stream to a peer that breaks the rules", () => {
  async function* numbers(): AsyncGenerator<number> {
    for (let i = 0; i < 3; i++) yield i;
  }

  it("refuses to be read twice, and serves on", async () => {
    const { host, plugin, id } = await giving(numbers);
    host.say(FrameType.data, [null, -1 - id, "", []], 3, whole);
    host.say(FrameType.data, [null, -1 - id, "", []], 5, whole);
    const refused = await host.frame(FrameType.reset);
    assert.deepEqual([refused.streamId, [...refused.payload.slice(0, 2)]], [5, [0, 2]]);
    const items = [1, 2, 3].map(async (skip) => codec.decode((await host.frame(FrameType.data, skip)).payload));
    assert.deepEqual(await Promise.all(items), [
      [null, 0],
      [null, 1],
      [null, 2],
    ]);
    host.say(FrameType.data, [null, 0, "run", []], 7, whole);
    await host.frame(FrameType.data, 5);
    await closed(plugin);
  });

  it("sends no more than the credit, whatever is asked", async () => {
    let given = 0;
    const { host, plugin, id } = await giving(async function* () {
      for (;;) {
        given++;
        yield "x".repeat(1_000);
      }
    });
    host.say(FrameType.data, [null, -1 - id, "", []], 3, whole);
    await host.frame(FrameType.data, 60);
    host.send(FrameType.ping, new Uint8Array(8));
    await host.frame(FrameType.ping);
    const sent = host.frames
      .filter(({ streamId }) => streamId === 3)
      .reduce((sum, { payload }) => sum + payload.length, 0);
    assert.ok(sent <= 65_536, `${sent} bytes`);
    assert.ok(given < 70, `${given} items`);
    reset(host, 3, ResetFlag.stop, 1, { value: "enough" });
    const { flags } = await host.frame(FrameType.reset);
    assert.equal(flags, ResetFlag.stopped);
    assert.equal(plugin.counts.streams, 0);
    await closed(plugin);
  });

  it("answers the opening of what it never gave with an error", async () => {
    const { host, plugin } = await giving(numbers);
    host.say(FrameType.data, [null, -100, "", []], 3, whole);
    const [, status, body] = codec.decode((await host.frame(FrameType.data, 1)).payload) as [
      null,
      number,
      { code: string },
    ];
    assert.deepEqual([status, body.code], [2, "bad_message"]);
    await closed(plugin);
  });
});
