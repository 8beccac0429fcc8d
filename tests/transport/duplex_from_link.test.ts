import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { duplexFromLink, memoryLinks, writeBufferBytes } from "../../src/transport/mod.ts";
import { Recorder, settle } from "./_recorder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function make(): { duplex: ReturnType<typeof duplexFromLink>; far: Recorder } {
  const [left, right] = memoryLinks();
  return { duplex: duplexFromLink(left), far: Recorder.on(right) };
}

describe("Web Streams over a link", () => {
  it("carry bytes both ways and end each way by itself", async () => {
    const { duplex, far } = make();
    const writer = duplex.writable.getWriter();
    await writer.write(bytes("ping"));
    await writer.close();
    await far.until("end");
    assert.equal(far.text, "ping");
    far.link.write(bytes("pong"));
    far.link.end();
    assert.equal(await new Response(duplex.readable).text(), "pong");
    await far.until("closed");
    assert.equal(far.error, undefined);
  });

  it("let a writer use its buffer again once a write has settled", async () => {
    const { duplex, far } = make();
    far.link.pause();
    const writer = duplex.writable.getWriter();
    const buffer = bytes("one");
    await writer.write(buffer);
    buffer.set(bytes("two"));
    await writer.write(buffer);
    far.link.resume();
    await far.size(6);
    assert.equal(far.text, "onetwo");
    await writer.abort();
    await far.until("closed");
  });

  it("hold at most their buffer while nobody reads", async () => {
    const { duplex, far } = make();
    let written = 0;
    while (written < 10_000_000) {
      written += 1_000;
      if (!far.link.write(new Uint8Array(1_000))) break;
      await settle(1);
    }
    assert.ok(written <= 2 * writeBufferBytes + 2_000, `${written} bytes were taken`);
    let read = 0;
    far.link.end();
    for await (const chunk of duplex.readable as unknown as AsyncIterable<Uint8Array>) read += chunk.length;
    assert.equal(read, written);
    await duplex.writable.close();
    await far.until("closed");
  });

  it("let a write wait while the other side does not take it", async () => {
    const { duplex, far } = make();
    far.link.pause();
    const writer = duplex.writable.getWriter();
    let settled = false;
    const write = writer.write(new Uint8Array(writeBufferBytes + 1)).then(() => {
      settled = true;
    });
    await settle();
    assert.equal(settled, false);
    far.link.resume();
    await write;
    await writer.close();
    far.link.end();
    await far.until("closed");
  });

  it("destroy the link when the writer aborts in the midst of a write", async () => {
    const { duplex, far } = make();
    far.link.pause();
    const writer = duplex.writable.getWriter();
    const write = assert.rejects(writer.write(new Uint8Array(writeBufferBytes + 1)));
    await settle();
    const reason = new PluginError("draining", "enough");
    await writer.abort(reason);
    await write;
    await far.until("closed");
    assert.match(String((far.error as PluginError).message), /closed by the other side: enough/);
    await assert.rejects(duplex.readable.getReader().read(), reason);
  });

  it("throw away what arrives after a cancel, and go on writing", async () => {
    const { duplex, far } = make();
    await duplex.readable.cancel();
    far.link.write(new Uint8Array(writeBufferBytes * 2));
    await far.until("drain");
    const writer = duplex.writable.getWriter();
    await writer.write(bytes("still here"));
    await writer.close();
    far.link.end();
    await far.until("closed");
    assert.equal(far.text, "still here");
  });

  it("destroy the link on a cancel with a reason", async () => {
    const { duplex, far } = make();
    await duplex.readable.cancel(new Error("bad bytes"));
    await far.until("closed");
    assert.match((far.error as PluginError).message, /bad bytes/);
    await assert.rejects(duplex.writable.getWriter().write(bytes("x")), { message: "bad bytes" });
  });

  it("fail on both sides with the link's error when it breaks", async () => {
    const { duplex, far } = make();
    far.link.destroy();
    await assert.rejects(duplex.readable.getReader().read(), PluginError);
    const writer = duplex.writable.getWriter();
    await assert.rejects(writer.closed, { code: "transport" });
    await assert.rejects(writer.write(bytes("x")), { code: "transport" });
  });

  it("refuse what is no bytes, and break the link", async () => {
    const { duplex, far } = make();
    const writer = (duplex.writable as WritableStream<unknown>).getWriter();
    await assert.rejects(writer.write("text"), /the writer of link memory gave a string of 4 characters/);
    await far.until("closed");
  });

  it("raise no unhandled rejection when the link breaks and nobody looks", async () => {
    const { far } = make();
    far.link.destroy(new Error("gone"));
    await far.until("closed");
    await settle();
  });
});
