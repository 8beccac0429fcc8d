import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { RemoteIterable } from "../../src/streams/remote_iterable.ts";
import { remoteReadable } from "../../src/streams/remote_readable.ts";
import { linkKinds } from "../support/links.ts";
import { type SessionPair, sessionPair } from "../support/mux_pair.ts";
import { type CrossingOptions, crossing } from "../support/stream_pair.ts";

type Source = ReadableStream<unknown> | AsyncIterable<unknown>;

const isCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

/** A source that says what became of it. */
function watched<T>(items: Iterable<T>): { source: AsyncGenerator<T>; given: number; over: Promise<void> } {
  const over = Promise.withResolvers<void>();
  const state = { source: generate(), given: 0, over: over.promise };
  async function* generate(): AsyncGenerator<T> {
    try {
      for (const item of items) {
        state.given++;
        yield item;
      }
    } finally {
      over.resolve();
    }
  }
  return state;
}

function* counting(): Generator<number> {
  for (let i = 0; ; i++) yield i;
}

function streamOf(items: Iterable<unknown>): ReadableStream<unknown> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

for (const kind of linkKinds) {
  describe(`streams as values over ${kind.name}`, () => {
    const run = (name: string, test: (pair: SessionPair) => Promise<void>): void => {
      it(name, async () => {
        const pair = await sessionPair(kind);
        await test(pair);
        if (pair.hostHandler.closes > 0) return;
        await pair.host.ping();
        assert.equal(pair.host.streamCount + pair.plugin.streamCount, 0, "a stream was left open");
        await pair.close();
      });
    };
    const iterable = (pair: SessionPair, source: Source, options?: CrossingOptions): RemoteIterable =>
      new RemoteIterable(crossing(pair, source, options).reader);
    const readable = (pair: SessionPair, source: Source, options?: CrossingOptions): ReadableStream<unknown> =>
      remoteReadable(crossing(pair, source, options).reader);

    run("give the items of a generator, in order", async (pair) => {
      const items = [1, "two", null, undefined, { three: [3] }, new Uint8Array([4])];
      assert.deepEqual(await all(iterable(pair, watched(items).source)), items);
    });

    run("give many small items", async (pair) => {
      const items = Array.from({ length: 50_000 }, (_, i) => i);
      assert.deepEqual(await all(iterable(pair, watched(items).source)), items);
    });

    run("give items larger than the window", async (pair) => {
      const items = [1, 2, 3].map((byte) => new Uint8Array(1_000_000).fill(byte));
      assert.deepEqual(await all(iterable(pair, watched(items).source)), items);
    });

    run("give the values of a ReadableStream as one", async (pair) => {
      const arrived = readable(pair, streamOf(["a", "b"]));
      assert.ok(arrived instanceof ReadableStream);
      assert.deepEqual(await all(arrived), ["a", "b"]);
    });

    run("carry bytes raw, whatever the sizes of their chunks", async (pair) => {
      const sizes = [0, 1, 0, 70_000, 3_000_000, 0, 2];
      const chunks = sizes.map((size, i) => new Uint8Array(size).fill(i));
      const frames = countFrames(pair);
      const arrived = (await all(readable(pair, streamOf(chunks)))) as Uint8Array[];
      assert.deepEqual(Buffer.concat(arrived), Buffer.concat(chunks));
      assert.equal(frames.messages, 0);
    });

    run("end empty", async (pair) => {
      assert.deepEqual(await all(iterable(pair, watched([]).source)), []);
      assert.deepEqual(await all(readable(pair, streamOf([]))), []);
      assert.deepEqual(await all(readable(pair, streamOf([new Uint8Array(0)]))), []);
    });

    run("take streams of node:stream", async (pair) => {
      const chunks = await all(iterable(pair, Readable.from([Buffer.from("one"), Buffer.from("two")])));
      assert.deepEqual(chunks, [new TextEncoder().encode("one"), new TextEncoder().encode("two")]);
    });

    run("take iterators that answer without a promise", async (pair) => {
      let left = 10_000;
      const source = {
        [Symbol.asyncIterator]: () => ({ next: () => ({ value: left, done: left-- === 0 }) }),
      } as unknown as AsyncIterable<number>;
      assert.equal((await all(iterable(pair, source))).length, 10_000);
    });

    run("hold a fast source back while nobody reads, within the window", async (pair) => {
      const state = watched(counting());
      const arrived = iterable(pair, state.source);
      assert.deepEqual(await arrived.next(), { value: 0, done: false });
      await quiet(pair, () => state.given);
      // A small number takes 3 to 5 bytes, and there are 65,536 of credit.
      assert.ok(state.given < 25_000, `${state.given} items were taken from the source`);
      const before = state.given;
      await pair.host.ping();
      assert.equal(state.given, before);
      for (let i = 1; i < 60_000; i++) assert.equal((await arrived.next()).value, i);
      await arrived.return();
      await state.over;
    });

    run("hold a fast source of bytes back, within the window", async (pair) => {
      let given = 0;
      const arrived = readable(
        pair,
        new ReadableStream(
          {
            pull(controller) {
              given += 10_000;
              controller.enqueue(new Uint8Array(10_000));
            },
          },
          { highWaterMark: 0 },
        ),
      );
      const reader = arrived.getReader();
      await reader.read();
      await quiet(pair, () => given);
      assert.ok(given <= 262_144 + 65_536 + 20_000, `${given} bytes were taken from the source`);
      await reader.cancel();
    });

    run("ask for nothing before the first pull", async (pair) => {
      const state = watched([1]);
      const arrived = iterable(pair, state.source);
      await pair.host.ping();
      assert.equal(pair.host.streamCount, 0);
      assert.equal(state.given, 0);
      await arrived.return();
    });

    run("stop the producer at a break out of for await, and wait for its finally", async (pair) => {
      const state = watched(counting());
      let isOver = false;
      void state.over.then(() => {
        isOver = true;
      });
      for await (const item of iterable(pair, state.source)) if (item === 5) break;
      assert.ok(isOver);
    });

    run("do not wait at a break for a generator that waits for something", async (pair) => {
      const never = Promise.withResolvers<void>();
      let isOver = false;
      async function* source(): AsyncGenerator<number> {
        try {
          yield 1;
          await never.promise;
        } finally {
          isOver = true;
        }
      }
      for await (const _ of iterable(pair, source())) break;
      assert.equal(isOver, false);
      never.resolve();
      await pair.host.ping();
    });

    run("tell a ReadableStream why its reader cancelled", async (pair) => {
      const cancelled = Promise.withResolvers<unknown>();
      const source = new ReadableStream({
        pull: (controller) => controller.enqueue("x"),
        cancel: (reason) => cancelled.resolve(reason),
      });
      const reader = readable(pair, source).getReader();
      await reader.read();
      await reader.cancel(new RangeError("seen enough"));
      const reason = await cancelled.promise;
      assert.ok(reason instanceof RangeError);
      assert.equal(reason.message, "seen enough");
    });

    run("tell a source that was cancelled before the first pull, without asking it for anything", async (pair) => {
      const cancelled = Promise.withResolvers<unknown>();
      let pulls = 0;
      const source = new ReadableStream(
        { pull: () => void pulls++, cancel: (reason) => cancelled.resolve(reason) },
        { highWaterMark: 0 },
      );
      await readable(pair, source).cancel("not needed");
      assert.equal(await cancelled.promise, "not needed");
      assert.equal(pulls, 0);
    });

    run("pass on what a source throws when it is cancelled", async (pair) => {
      const source = new ReadableStream({
        pull: (controller) => controller.enqueue(1),
        cancel: () => Promise.reject(new TypeError("cannot clean up")),
      });
      const reader = readable(pair, source).getReader();
      await reader.read();
      await assert.rejects(
        reader.cancel(),
        (error) => error instanceof TypeError && error.message === "cannot clean up",
      );
    });

    run("give what was sent before an error, then the error", async (pair) => {
      async function* source(): AsyncGenerator<number> {
        yield 1;
        yield 2;
        throw new RangeError("no third", { cause: new TypeError("because") });
      }
      const arrived = iterable(pair, source());
      const got: unknown[] = [];
      const failure = (async () => {
        for await (const item of arrived) got.push(item);
      })();
      await assert.rejects(failure, (error) => {
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "no third");
        assert.ok(error.cause instanceof TypeError);
        return true;
      });
      assert.deepEqual(got, [1, 2]);
      assert.deepEqual(await arrived.next(), { value: undefined, done: true });
    });

    run("shorten an error that is too long, and keep its class and the start of its message", async (pair) => {
      async function* source(): AsyncGenerator<number> {
        yield 1;
        throw new RangeError("€".repeat(9_000), { cause: new Error("x".repeat(9_000)) });
      }
      await assert.rejects(all(iterable(pair, source())), (error) => {
        assert.ok(error instanceof RangeError);
        assert.match(error.message, /^€{500,} …$/);
        return true;
      });
    });

    run("fail with what a source throws at once", async (pair) => {
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            throw new RangeError("at once");
          },
        }),
      };
      await assert.rejects(all(iterable(pair, source)), RangeError);
      const broken = {
        [Symbol.asyncIterator]: () => {
          throw new TypeError("no iterator");
        },
      };
      await assert.rejects(all(iterable(pair, broken)), /no iterator/);
    });

    run("fail with what a getter of a result throws", async (pair) => {
      const thrower = (key: string): object => ({
        get [key]() {
          throw new RangeError(`no ${key}`);
        },
      });
      const results: readonly [string, () => unknown][] = [
        ["done", async () => thrower("done")],
        ["value", () => thrower("value")],
        ["then", () => thrower("then")],
      ];
      for (const [key, next] of results) {
        const source = { [Symbol.asyncIterator]: () => ({ next }) } as AsyncIterable<unknown>;
        await assert.rejects(all(iterable(pair, source)), (error) => String(error) === `RangeError: no ${key}`);
      }
    });

    run("fail with where an item cannot be sent, and stop the source", async (pair) => {
      const state = watched([1, { deep: [Symbol("no")] }, 3]);
      await assert.rejects(all(iterable(pair, state.source)), (error) => {
        assert.ok(isCode("unsupported_value")(error));
        assert.match((error as Error).message, /the stream tested, item 1: cannot send item\.deep\[0\]/);
        return true;
      });
      await state.over;
    });

    run("fail when a stream that began with bytes gives something else", async (pair) => {
      const cancelled = Promise.withResolvers<unknown>();
      const chunks: unknown[] = [new Uint8Array([1]), "text"];
      const source = new ReadableStream({
        pull: (controller) => controller.enqueue(chunks.shift()),
        cancel: cancelled.resolve,
      });
      const reader = readable(pair, source).getReader();
      assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
      await assert.rejects(reader.read(), (error) => {
        assert.ok(isCode("unsupported_value")(error));
        assert.match((error as Error).message, /chunk 1 is a string/);
        return true;
      });
      assert.ok(isCode("unsupported_value")(await cancelled.promise));
    });

    run("say that a stream is locked", async (pair) => {
      const source = streamOf([1]);
      const holder = source.getReader();
      await assert.rejects(readable(pair, source).getReader().read(), /the stream tested cannot be read: it is locked/);
      await holder.cancel();
    });

    run("can be read once", async (pair) => {
      const { source, reader } = crossing(pair, watched([1]).source);
      assert.deepEqual(await all(new RemoteIterable(reader)), [1]);
      const second = crossing(pair, watched([1]).source);
      pair.pluginHandler.onOpened = () => ({ ...idle, message: () => {}, stopped: () => false });
      const opened = pair.pluginHandler;
      opened.onOpened = (stream) => ({ ...idle, message: () => source.open(stream) });
      await assert.rejects(all(new RemoteIterable(second.reader)), isCode("refused"));
    });

    run("fail with how the session ended, after what had come", async (pair) => {
      const state = watched(counting());
      const arrived = iterable(pair, state.source);
      await arrived.next();
      await quiet(pair, () => state.given);
      await pair.close();
      await assert.rejects(
        (async () => {
          for (let i = 1; ; i++) assert.deepEqual(await arrived.next(), { value: i, done: false });
        })(),
        (error) => isCode("closed")(error) && /the stream tested ended before its time: explained:/.test(String(error)),
      );
      await state.over;
    });

    run("fail when opened after the session's end", async (pair) => {
      const arrived = iterable(pair, watched([1]).source);
      await pair.close();
      await assert.rejects(arrived.next(), isCode("closed"));
    });

    run("answer calls of next that wait in the order they were made", async (pair) => {
      const arrived = iterable(pair, watched([1, 2, 3]).source);
      const results = await Promise.all([arrived.next(), arrived.next(), arrived.next(), arrived.next()]);
      assert.deepEqual(
        results.map(({ value }) => value),
        [1, 2, 3, undefined],
      );
    });

    run("end calls of next that wait when the reader returns", async (pair) => {
      const never = new Promise<void>(() => {});
      const source = { [Symbol.asyncIterator]: () => ({ next: () => never }) } as unknown as AsyncIterable<number>;
      const arrived = iterable(pair, source);
      const waits = arrived.next();
      await pair.host.ping();
      await arrived.return();
      assert.equal((await waits).done, true);
      assert.equal((await arrived.next()).done, true);
    });

    run("end with the scope they are declared in, and by throw", async (pair) => {
      const first = watched(counting());
      {
        await using arrived = iterable(pair, first.source);
        await arrived.next();
      }
      await first.over;
      const second = watched(counting());
      const arrived = iterable(pair, second.source);
      await arrived.next();
      await assert.rejects(arrived.throw(new RangeError("mine")), RangeError);
      await second.over;
    });

    run("check each item, and stop the producer at the first that is wrong", async (pair) => {
      const state = watched(counting());
      const check = (item: unknown, index: number): unknown => {
        if (item === 3) throw new PluginError("invalid_result", `item ${index} is wrong`);
        return (item as number) * 10;
      };
      const arrived = iterable(pair, state.source, { incoming: { check } });
      const got: unknown[] = [];
      await assert.rejects(
        (async () => {
          for await (const item of arrived) got.push(item);
        })(),
        /item 3 is wrong/,
      );
      assert.deepEqual(got, [0, 10, 20]);
      await state.over;
    });

    run("keep the order when checks take time", async (pair) => {
      const check = async (item: unknown): Promise<unknown> => {
        for (let i = 0; i < 7 - (item as number); i++) await undefined;
        return item;
      };
      assert.deepEqual(
        await all(iterable(pair, watched([1, 2, 3, 4, 5]).source, { incoming: { check } })),
        [1, 2, 3, 4, 5],
      );
    });

    run("are not starved by a source of empty chunks that never ends", async (pair) => {
      const source = (async function* () {
        for (;;) yield new Uint8Array(0);
      })();
      const reader = readable(pair, source, { mode: "bytes" }).getReader();
      const waits = reader.read();
      await pair.host.ping();
      await reader.cancel();
      assert.equal((await waits).done, true);
    });

    run("work with pipeTo, pipeThrough and tee", async (pair) => {
      const text = new TextEncoder().encode("plugwire ".repeat(20_000));
      const packed = readable(pair, streamOf([text.subarray(0, 9), text.subarray(9)])) as ReadableStream<BufferSource>;
      const unpacked = packed.pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"));
      assert.deepEqual(
        new Uint8Array(await new Response(unpacked as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer()),
        text,
      );
      const [left, right] = readable(pair, streamOf([1, 2, 3])).tee();
      assert.deepEqual(await Promise.all([all(left), all(right)]), [
        [1, 2, 3],
        [1, 2, 3],
      ]);
      const written: unknown[] = [];
      await readable(pair, streamOf(["x", "y"])).pipeTo(
        new WritableStream({ write: (chunk) => void written.push(chunk) }),
      );
      assert.deepEqual(written, ["x", "y"]);
    });
  });
}

const idle = {
  message: (): void => {},
  bytes: (): void => {},
  ended: (): void => {},
  aborted: (): void => {},
  tooLarge: (): void => {},
  stopped: (): boolean => false,
  drained: (): void => {},
  lost: (): void => {},
};

/** Waits until a count stays the same over two round trips. */
async function quiet(pair: SessionPair, count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await pair.host.ping();
    await pair.plugin.ping();
  }
}

/** Counts the messages that reach the host. */
function countFrames(pair: SessionPair): { messages: number } {
  const counted = { messages: 0 };
  const open = pair.host.open.bind(pair.host);
  pair.host.open = (handler) => {
    const message = handler.message.bind(handler);
    handler.message = (payload, last) => {
      counted.messages++;
      message(payload, last);
    };
    return open(handler);
  };
  return counted;
}
