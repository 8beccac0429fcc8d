import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { ByteStream, ResetCode } from "../../src/mux/mod.ts";
import { linkKinds } from "../support/links.ts";
import { type SessionPair, sessionPair } from "../support/mux_pair.ts";
import { RawPeer } from "../support/mux_raw_peer.ts";
import { countResources, resourcesBackTo } from "../support/resources.ts";

async function readAll(readable: ReadableStream<Uint8Array>): Promise<{ bytes: number; sum: number }> {
  let bytes = 0;
  let sum = 0;
  for await (const chunk of readable) {
    for (const byte of chunk) sum = (sum * 31 + byte) >>> 0;
    bytes += chunk.length;
  }
  return { bytes, sum };
}

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
}

const oneByOne = (chunk: Uint8Array): ReadableStream<Uint8Array> =>
  new Response(chunk as Uint8Array<ArrayBuffer>).body!;
const isCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

for (const kind of linkKinds) {
  describe(`byte streams over ${kind.name}`, () => {
    const run = (name: string, test: (pair: SessionPair) => Promise<void>): void => {
      it(name, async () => {
        const before = countResources();
        const pair = await sessionPair(kind);
        await test(pair);
        if (pair.hostHandler.closes === 0) {
          assert.equal(pair.host.streamCount + pair.plugin.streamCount, 0);
          await pair.close();
        }
        const after = await resourcesBackTo(before);
        assert.ok(after.descriptors <= before.descriptors, "a socket was left open");
      });
    };

    run("carry 5 MB there and back", async (pair) => {
      const { near, far } = pair.openBytes();
      const payload = patterned(5_000_000);
      const sent = oneByOne(payload).pipeTo(near.writable);
      const echoed = far.then((end) => end.readable.pipeTo(end.writable));
      const got = await readAll(near.readable);
      await Promise.all([sent, echoed]);
      assert.deepEqual(got, await readAll(oneByOne(payload)));
    });

    run("end empty, each half in its own time", async (pair) => {
      const { near, far } = pair.openBytes();
      await near.writable.close();
      const end = await far;
      assert.deepEqual(await readAll(end.readable), { bytes: 0, sum: 0 });
      const writer = end.writable.getWriter();
      await writer.write(Uint8Array.of(1, 2));
      await writer.close();
      assert.equal((await readAll(near.readable)).bytes, 2);
    });

    run("hold the writer back while nobody reads, and send no more than the first window", async (pair) => {
      const { near, far } = pair.openBytes();
      const writer = near.writable.getWriter();
      let written = 0;
      const writing = (async () => {
        for (let i = 0; i < 40; i++) {
          await writer.write(new Uint8Array(10_000));
          written++;
        }
        await writer.close();
      })();
      const end = await far;
      await pair.host.ping();
      await pair.host.ping();
      assert.equal(written, 6);
      assert.equal((await readAll(end.readable)).bytes, 400_000);
      await writing;
      await end.writable.close();
      await readAll(near.readable);
    });

    run("let a chunk be used again once its write has settled", async (pair) => {
      const { near, far } = pair.openBytes();
      const received = far.then((end) => {
        void end.writable.close();
        return readAll(end.readable);
      });
      const whole = patterned(300_000);
      const writer = near.writable.getWriter();
      const chunk = new Uint8Array(30_000);
      for (let at = 0; at < whole.length; at += chunk.length) {
        chunk.set(whole.subarray(at, at + chunk.length));
        await writer.write(chunk);
      }
      await writer.close();
      assert.deepEqual(await received, await readAll(oneByOne(whole)));
      await readAll(near.readable);
    });

    run("error at the reader when the writer aborts", async (pair) => {
      const { near, far } = pair.openBytes();
      const writer = near.writable.getWriter();
      await writer.write(Uint8Array.of(1));
      const end = await far;
      const reader = end.readable.getReader();
      await reader.read();
      const waits = reader.read();
      await writer.abort(new PluginError("timeout", "too slow"));
      await assert.rejects(waits, isCode("timeout"));
      await near.readable.cancel();
      await assert.rejects(end.writable.getWriter().closed, isCode("cancelled"));
      await pair.host.ping();
    });

    run("error at the writer when the reader cancels, also in the middle of a write", async (pair) => {
      const { near, far } = pair.openBytes();
      const writer = near.writable.getWriter();
      const closed = assert.rejects(writer.closed, isCode("cancelled"));
      const writes = assert.rejects(writer.write(new Uint8Array(1_000_000)), isCode("cancelled"));
      const end = await far;
      await end.readable.cancel("enough");
      await Promise.all([writes, closed]);
      await end.writable.close();
      await readAll(near.readable);
      await pair.host.ping();
    });

    run("can be aborted while a write waits for a peer that never reads", async (pair) => {
      const { near, far } = pair.openBytes();
      const writer = near.writable.getWriter();
      const writes = assert.rejects(writer.write(new Uint8Array(1_000_000)));
      const end = await far;
      await writer.abort("never mind");
      await writes;
      await assert.rejects(readAll(end.readable), isCode("cancelled"));
      await end.writable.abort();
      await assert.rejects(readAll(near.readable), isCode("cancelled"));
    });

    run("error on both sides when the session is lost", async (pair) => {
      const { near, far } = pair.openBytes();
      const writer = near.writable.getWriter();
      const closed = assert.rejects(writer.closed, isCode("closed"));
      const writes = assert.rejects(writer.write(new Uint8Array(1_000_000)), isCode("closed"));
      const end = await far;
      const reads = assert.rejects(readAll(end.readable), isCode("closed"));
      const nearReads = assert.rejects(near.readable.getReader().read(), isCode("closed"));
      await pair.close();
      await Promise.all([closed, writes, reads, nearReads]);
    });
  });
}

describe("a byte stream", () => {
  it("errors when it is first looked at after its end", async () => {
    const peer = new RawPeer();
    const streams: ByteStream[] = [];
    peer.handler.onOpened = (stream) => {
      const made = new ByteStream(stream, { windowBytes: 100_000 });
      streams.push(made);
      return made;
    };
    peer.send(1, 1, 2, [1, 2, 3]).send(3, 3, 2, [0, ResetCode.internal]).run();
    await assert.rejects(streams[0]!.readable.getReader().read(), isCode("internal"));
    await assert.rejects(streams[0]!.writable.getWriter().closed, isCode("internal"));
    peer.send(1, 5, 4, [1, 2, 3]).run();
    assert.equal((await readAll(streams[1]!.readable)).bytes, 3);
  });

  it("takes no message, and no chunk that is not bytes", async () => {
    const peer = new RawPeer();
    let made: ByteStream | undefined;
    peer.handler.onOpened = (stream) => {
      made = new ByteStream(stream, { windowBytes: 100_000 });
      return made;
    };
    peer.send(0, 1, 2, [1, 2, 3]).run();
    await assert.rejects(made!.readable.getReader().read(), isCode("bad_message"));
    await assert.rejects(made!.writable.getWriter().write("text" as unknown as Uint8Array), TypeError);
    peer.run();
    assert.deepEqual(
      peer.sent(3).map((frame) => frame.flags),
      [2, 1],
    );
  });

  it("passes reasons through the functions it was given", async () => {
    const peer = new RawPeer();
    const stream = new ByteStream((handler) => peer.session.open(handler), {
      windowBytes: 100_000,
      encodeReset: (reason) => ({ code: 9, reason: new TextEncoder().encode(String(reason)) }),
      decodeReset: (reset) => new RangeError(new TextDecoder().decode(reset.reason)),
    });
    const writer = stream.writable.getWriter();
    await writer.write(Uint8Array.of(1));
    const closed = assert.rejects(writer.closed, RangeError);
    await stream.readable.cancel("bye");
    peer.run();
    assert.deepEqual([...peer.sent(3)[0]!.payload], [0, 9, 98, 121, 101]);
    peer.send(3, 2, 1, [0, 1, 120]).run();
    await closed;
  });

  it("given up before its first frame leaves nothing behind, at either half", async () => {
    const peer = new RawPeer({ admitted: false });
    const stream = new ByteStream((handler) => peer.session.open(handler), { windowBytes: 100_000 });
    const writer = stream.writable.getWriter();
    const writes = assert.rejects(writer.write(Uint8Array.of(1)));
    const reads = assert.rejects(stream.readable.getReader().read(), /changed my mind/);
    await writer.abort(new Error("changed my mind"));
    await Promise.all([writes, reads]);
    peer.session.admit(5);
    peer.run();
    assert.deepEqual(peer.frames, []);
  });
});
