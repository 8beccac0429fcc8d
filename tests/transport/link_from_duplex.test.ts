import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { linkFromDuplex, writeBufferBytes } from "../../src/transport/mod.ts";
import { Recorder, settle } from "./_recorder.ts";

const silent = (): ReadableStream<Uint8Array> => new ReadableStream();
const emptying = (): WritableStream<Uint8Array> => new WritableStream();

function sourceOf(...chunks: unknown[]): ReadableStream<Uint8Array> {
  return new ReadableStream<unknown>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  }) as ReadableStream<Uint8Array>;
}

describe("a link over Web Streams", () => {
  const backing = new Uint8Array([9, 65, 66, 67, 68, 9]);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  shared.set([65, 66]);
  const views: [string, unknown, string][] = [
    ["a Uint8Array in the midst of its buffer", backing.subarray(1, 5), "ABCD"],
    ["a Buffer", Buffer.from("ABCD"), "ABCD"],
    ["a DataView", new DataView(backing.buffer, 1, 3), "ABC"],
    ["a Uint16Array", new Uint16Array(backing.slice(1, 5).buffer), "ABCD"],
    ["an ArrayBuffer", backing.slice(1, 3).buffer, "AB"],
    ["shared memory", shared, "AB"],
  ];
  for (const [name, chunk, text] of views) {
    it(`takes ${name} as a chunk, and gives a plain Uint8Array`, async () => {
      const link = Recorder.on(linkFromDuplex({ readable: sourceOf(chunk), writable: emptying() }));
      const classes: unknown[] = [];
      link.onBytes = (bytes) => classes.push(bytes.constructor);
      await link.until("end");
      assert.equal(link.text, text);
      assert.deepEqual(classes, [Uint8Array]);
      link.link.end();
      await link.until("closed");
    });
  }

  it("copies memory that others can change, and nothing else", async () => {
    const own = new Uint8Array([1, 2]);
    const link = Recorder.on(linkFromDuplex({ readable: sourceOf(own, shared), writable: emptying() }));
    const buffers: unknown[] = [];
    link.onBytes = (bytes) => buffers.push(bytes.buffer);
    await link.until("end");
    assert.equal(buffers[0], own.buffer);
    assert.notEqual(buffers[1], shared.buffer);
    link.link.destroy();
    await link.until("closed");
  });

  const strangers: [unknown, RegExp][] = [
    ["hello", /^pipe gave a string of 5 characters as a chunk; only bytes can be sent, such as a Uint8Array$/],
    [5, /gave a number/],
    [null, /gave null/],
    [undefined, /gave undefined/],
    [[1, 2], /gave an array of 2/],
    [{ length: 1 }, /gave an object as/],
    [Object.create(null), /gave an object as/],
    [new Date(0), /gave an object of class Date/],
  ];
  for (const [chunk, message] of strangers) {
    it(`breaks on a chunk that is no bytes: ${message.source}`, async () => {
      const aborted = Promise.withResolvers<unknown>();
      const writable = new WritableStream<Uint8Array>({ abort: aborted.resolve });
      const link = Recorder.on(linkFromDuplex({ readable: sourceOf(chunk), writable }, "pipe"));
      await link.until("closed");
      assert.ok(link.error instanceof PluginError);
      assert.equal(link.error.code, "transport");
      assert.match(link.error.message, message);
      assert.deepEqual(link.events, ["closed"]);
      assert.equal(await aborted.promise, link.error);
    });
  }

  it("closes with the cause when reading fails, and aborts the writable", async () => {
    const cause = new Error("cable pulled");
    const readable = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(cause) });
    const aborted = Promise.withResolvers<unknown>();
    const link = Recorder.on(
      linkFromDuplex({ readable, writable: new WritableStream({ abort: aborted.resolve }) }, "usb"),
    );
    await link.until("closed");
    const error = link.error as PluginError;
    assert.deepEqual([error.code, error.message], ["transport", "reading usb failed: cable pulled"]);
    assert.equal(error.cause, cause);
    await aborted.promise;
  });

  it("closes with the cause when writing fails, after what the other side still had to say", async () => {
    const writable = new WritableStream<Uint8Array>({
      write: () => Promise.reject(new Error("cable pulled")),
    });
    const words = Promise.withResolvers<void>();
    const readable = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await words.promise;
        controller.enqueue(new TextEncoder().encode("last words"));
        controller.close();
      },
    });
    const link = Recorder.on(linkFromDuplex({ readable, writable }, "usb"));
    link.link.write(new Uint8Array(1));
    await settle();
    assert.deepEqual(link.events, []);
    words.resolve();
    await link.until("closed");
    assert.deepEqual(link.events, ["bytes", "end", "closed"]);
    assert.equal((link.error as PluginError).message, "writing usb failed: cable pulled");
  });

  it("closes by itself after writing failed, when the other side never ends", async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const readable = new ReadableStream<Uint8Array>({ cancel: cancelled.resolve });
    const writable = new WritableStream<Uint8Array>({ start: (controller) => controller.error(new Error("gone")) });
    const link = Recorder.on(linkFromDuplex({ readable, writable }, "usb"));
    await link.until("closed");
    assert.equal((link.error as PluginError).message, "writing usb failed: gone");
    assert.equal(await cancelled.promise, link.error);
  });

  it("cancels and aborts on destroy, and waits for neither", async () => {
    const never = new Promise<void>(() => {});
    const reasons: unknown[] = [];
    const keep = (reason: unknown): Promise<void> => {
      reasons.push(reason);
      return never;
    };
    const readable = new ReadableStream<Uint8Array>({ cancel: keep });
    const writable = new WritableStream<Uint8Array>({ abort: keep });
    const link = Recorder.on(linkFromDuplex({ readable, writable }));
    await settle();
    const reason = new PluginError("draining", "bye");
    link.link.destroy(reason);
    await link.until("closed");
    assert.equal(link.error, reason);
    assert.deepEqual(reasons, [reason, reason]);
  });

  it("raises no unhandled rejection when cancel and abort fail", async () => {
    const failing = (): Promise<never> => Promise.reject(new Error("will not"));
    const link = Recorder.on(
      linkFromDuplex({
        readable: new ReadableStream({ cancel: failing }),
        writable: new WritableStream({ abort: failing }),
      }),
    );
    link.link.destroy();
    await link.until("closed");
    await settle();
  });

  it("writes only when the writable wants more, and joins what waits", async () => {
    const sizes: number[] = [];
    const gates: PromiseWithResolvers<void>[] = [];
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => {
        sizes.push(chunk.length);
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
    });
    const link = Recorder.on(linkFromDuplex({ readable: silent(), writable }));
    for (let index = 0; index < 10; index++) link.link.write(new Uint8Array(10));
    await settle();
    assert.deepEqual(sizes, [100]);
    for (let index = 0; index < 7; index++) link.link.write(new Uint8Array(10_000));
    await settle();
    assert.deepEqual(sizes, [100]);
    while (sizes.length < 3) {
      gates.shift()?.resolve();
      await settle(1);
    }
    assert.deepEqual(sizes, [100, 60_000, 10_000]);
    link.link.destroy();
    await link.until("closed");
  });

  it("counts what an endless queue of the writable holds as waiting", async () => {
    const gate = Promise.withResolvers<void>();
    const writable = new WritableStream<Uint8Array>(
      { write: () => gate.promise },
      { highWaterMark: Number.POSITIVE_INFINITY },
    );
    const link = Recorder.on(linkFromDuplex({ readable: silent(), writable }));
    assert.equal(link.link.write(new Uint8Array(writeBufferBytes)), true);
    await settle();
    assert.equal(link.link.write(new Uint8Array(1)), false);
    gate.resolve();
    await link.until("drain");
    link.link.destroy();
    await link.until("closed");
  });

  it("lets timers run beside a readable that always has more", async () => {
    const readable = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1)) });
    const link = Recorder.on(linkFromDuplex({ readable, writable: emptying() }));
    await link.size(1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    link.link.destroy();
    await link.until("closed");
  });

  it("refuses locked streams, and lets go of the other one", () => {
    const readable = silent();
    const writable = emptying();
    writable.getWriter();
    assert.throws(() => linkFromDuplex({ readable, writable }), TypeError);
    assert.equal(readable.locked, false);
    readable.getReader();
    assert.throws(() => linkFromDuplex({ readable, writable: emptying() }), TypeError);
  });
});
