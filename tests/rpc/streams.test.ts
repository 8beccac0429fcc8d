import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import * as v from "valibot";
import { bytes, callContext, contract, method, PluginError, retain, stream, withOptions } from "../../mod.ts";
import type { RpcSession } from "../../src/rpc/mod.ts";
import { linkKinds } from "../support/links.ts";
import { inContract, inLab, nothingHeld } from "./_references.ts";

const text = new TextEncoder().encode("plugwire ".repeat(30_000));

function streamOf(items: Iterable<unknown>): ReadableStream<never> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream<never>({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value as never);
    },
  });
}

async function* upTo(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

async function whole(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await all(readable));
}

function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const isCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

for (const link of linkKinds) {
  describe(`streams over ${link.name}`, () => {
    const inStreams = async <T extends object>(
      implementation: object,
      test: (lab: T, sessions: { host: RpcSession; plugin: RpcSession }) => Promise<void>,
    ): Promise<void> =>
      // biome-ignore lint/suspicious/noExplicitAny: what a proxy makes of an interface is the matter of the tests of types
      await inLab<any>(
        implementation,
        async ({ lab, host, plugin }) => {
          await test(lab as T, { host, plugin });
          await nothingHeld(host, plugin);
        },
        { link },
      );

    it("are results: of generators, of ReadableStreams, of streams of node:stream", async () => {
      await inStreams<{ [name: string]: (...args: unknown[]) => Promise<AsyncIterable<unknown>> }>(
        {
          count: (to: number) => upTo(to),
          readable: () => streamOf(["a", { b: 1 }]),
          bytes: () => streamOf(inPieces(text, 10_000)),
          node: () => Readable.from([Buffer.from("x"), Buffer.from("y")]),
        },
        async (lab) => {
          assert.deepEqual(await all(await lab.count!(3)), [0, 1, 2]);
          assert.deepEqual(await all(await lab.readable!()), ["a", { b: 1 }]);
          const arrived = await lab.bytes!();
          assert.ok(arrived instanceof ReadableStream);
          assert.deepEqual(new Uint8Array(await whole(arrived)), text);
          assert.deepEqual((await all(await lab.node!())).length, 2);
        },
      );
    });

    it("are arguments, nested in data too", async () => {
      await inStreams<{
        sum(input: { deep: AsyncIterable<number>[] }): Promise<number>;
        size(file: unknown): Promise<number>;
      }>(
        {
          async sum({ deep }: { deep: AsyncIterable<number>[] }) {
            const sums = await Promise.all(deep.map(async (items) => (await all(items)).reduce((a, b) => a + b, 0)));
            return sums.reduce((a, b) => a + b, 0);
          },
          size: async (file: ReadableStream<Uint8Array>) => (await whole(file)).length,
        },
        async (lab) => {
          assert.equal(await lab.sum({ deep: [upTo(5), upTo(3)] }), 13);
          assert.equal(await lab.size(streamOf([text])), text.length);
        },
      );
    });

    it("go through a plugin both ways at once, after the call that began it", async () => {
      await inStreams<{
        gzip(file: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
        double(items: AsyncIterable<number>): Promise<AsyncIterable<number>>;
      }>(
        {
          gzip: (file: ReadableStream<Uint8Array<ArrayBuffer>>) => file.pipeThrough(new CompressionStream("gzip")),
          async *double(items: AsyncIterable<number>) {
            for await (const item of items) yield item * 2;
          },
        },
        async (lab) => {
          const packed = await lab.gzip(streamOf(inPieces(text, 5_000)));
          assert.deepEqual(new Uint8Array(await whole(packed.pipeThrough(new DecompressionStream("gzip")))), text);
          assert.deepEqual(
            await all(await lab.double(upTo(2_000))),
            Array.from({ length: 2_000 }, (_, i) => i * 2),
          );
        },
      );
    });

    it("use callbacks and streams of their call for as long as they are read", async () => {
      await inStreams<{
        map(items: AsyncIterable<number>, change: (item: number) => number): Promise<AsyncIterable<number>>;
      }>(
        {
          async *map(items: AsyncIterable<number>, change: (item: number) => Promise<number>) {
            for await (const item of items) yield await change(item);
          },
        },
        async (lab) => assert.deepEqual(await all(await lab.map(upTo(4), (item) => item + 10)), [10, 11, 12, 13]),
      );
    });

    it("carry streams and functions in their items", async () => {
      await inStreams<{
        files(): Promise<AsyncIterable<{ name: string; lines: AsyncIterable<string>; size(): Promise<number> }>>;
      }>(
        {
          async *files() {
            for (const name of ["a", "b"]) yield { name, lines: streamOf([`${name}1`, `${name}2`]), size: () => 2 };
          },
        },
        async (lab) => {
          const got: unknown[] = [];
          for await (const { name, lines, size } of await lab.files()) {
            got.push(name, await all(lines), await size());
            (size as unknown as Disposable)[Symbol.dispose]();
          }
          assert.deepEqual(got, ["a", ["a1", "a2"], 2, "b", ["b1", "b2"], 2]);
        },
      );
    });

    it("stop the producer at a break, and abort the signal of its context", async () => {
      const ended: unknown[] = [];
      await inStreams<{ ticks(): Promise<AsyncIterable<number>> }>(
        {
          async *ticks() {
            const { signal, method } = callContext();
            try {
              yield 1;
              await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
            } finally {
              ended.push(method, signal.aborted);
            }
          },
        },
        async (lab) => {
          for await (const tick of await lab.ticks()) {
            assert.equal(tick, 1);
            break;
          }
          assert.deepEqual(ended, ["ticks", true]);
        },
      );
    });

    it("end with the signal of the call that gave them", async () => {
      const stopped: unknown[] = [];
      await inStreams<{ ticks(): Promise<AsyncIterable<number>>; bytes(): Promise<ReadableStream> }>(
        {
          async *ticks() {
            const { signal } = callContext();
            yield 1;
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            stopped.push(signal.reason);
          },
          bytes: () => new ReadableStream({ cancel: (reason) => void stopped.push(reason) }),
        },
        async (lab) => {
          const controller = new AbortController();
          const signalled = withOptions(lab as object, { signal: controller.signal }) as typeof lab;
          const reason = new RangeError("enough of it");
          const ticks = (await signalled.ticks())[Symbol.asyncIterator]();
          await ticks.next();
          const unread = await signalled.bytes();
          const waits = ticks.next();
          controller.abort(reason);
          await assert.rejects(waits, (error) => error === reason);
          assert.deepEqual(await ticks.next(), { value: undefined, done: true });
          await assert.rejects(unread.getReader().read(), (error) => error === reason);
          await lab.ticks().then((items) => items[Symbol.asyncIterator]().return?.());
          assert.deepEqual(stopped.map(String), Array(2).fill("RangeError: enough of it"));
        },
      );
    });

    it("are let go of unread: a result's source is stopped, an argument's stays as it is", async () => {
      const cancelled = Promise.withResolvers<unknown>();
      await inStreams<{ give(): Promise<ReadableStream & object>; ignore(items: unknown): Promise<number> }>(
        {
          give: () => new ReadableStream({ cancel: (reason) => cancelled.resolve(reason) }, { highWaterMark: 0 }),
          ignore: () => 1,
        },
        async (lab, { host, plugin }) => {
          const mine = streamOf([1, 2]);
          assert.equal(await lab.ignore(mine), 1);
          await nothingHeld(host, plugin);
          assert.deepEqual(await all(mine), [1, 2]);
          const given = await lab.give();
          await given.cancel("no use");
          assert.equal(await cancelled.promise, "no use");
        },
      );
    });

    it("end with their call unless they are kept, read or locked", async () => {
      let kept: AsyncIterable<number> | undefined;
      let lost: AsyncIterable<number> | undefined;
      const later: Promise<number[]>[] = [];
      await inStreams<{ take(kept: unknown, lost: unknown, read: unknown): Promise<void> }>(
        {
          take(keep: AsyncIterable<number>, lose: AsyncIterable<number>, read: ReadableStream<number>) {
            kept = retain(keep);
            lost = lose;
            later.push(all(read));
          },
        },
        async (lab) => {
          await lab.take(upTo(2), upTo(2), streamOf([7, 8]));
          await assert.rejects(all(lost!), (error) => isCode("closed")(error) && /retain/.test(String(error)));
          assert.deepEqual(await all(kept!), [0, 1]);
          assert.deepEqual(await later[0], [7, 8]);
        },
      );
    });

    it("come home as what they were, unless they were begun", async () => {
      await inStreams<{
        echo(items: unknown): Promise<AsyncIterable<number>>;
        rest(items: unknown): Promise<AsyncIterable<number>>;
      }>(
        {
          echo: (items: unknown) => items,
          async rest(items: ReadableStream<number>) {
            const reader = items.getReader();
            await reader.read();
            reader.releaseLock();
            return items;
          },
        },
        async (lab) => {
          const mine = upTo(3);
          assert.equal(await lab.echo(mine), mine);
          assert.deepEqual(await all(await lab.rest(streamOf([1, 2, 3]))), [2, 3]);
        },
      );
    });

    it("may be written to: WritableStreams as arguments and results", async () => {
      await inStreams<{
        dump(into: WritableStream): Promise<void>;
        open(): Promise<WritableStream>;
        got(): Promise<unknown[]>;
      }>(
        (() => {
          const got: unknown[] = [];
          return {
            async dump(into: WritableStream) {
              const writer = into.getWriter();
              for (const piece of inPieces(text, 50_000)) await writer.write(piece);
              await writer.close();
            },
            open: () =>
              new WritableStream({ write: (chunk) => void got.push(chunk), close: () => void got.push("closed") }),
            got: () => got,
          };
        })(),
        async (lab) => {
          const written: Uint8Array[] = [];
          await lab.dump(new WritableStream({ write: (chunk) => void written.push(chunk) }));
          assert.deepEqual(new Uint8Array(Buffer.concat(written)), text);
          const writer = (await lab.open()).getWriter();
          await writer.write("one");
          await writer.write({ two: 2 });
          await writer.close();
          assert.deepEqual(await lab.got(), ["one", { two: 2 }, "closed"]);
        },
      );
    });

    it("tell both ends of a WritableStream what went wrong", async () => {
      const aborted = Promise.withResolvers<unknown>();
      await inStreams<{ open(): Promise<WritableStream>; full(): Promise<WritableStream> }>(
        {
          open: () => new WritableStream({ abort: (reason) => aborted.resolve(reason) }),
          full: () =>
            new WritableStream({
              write() {
                throw new RangeError("the disk is full");
              },
            }),
        },
        async (lab) => {
          const writer = (await lab.open()).getWriter();
          writer.closed.catch(() => {});
          await writer.write(1);
          await writer.abort(new TypeError("changed my mind"));
          const reason = await aborted.promise;
          assert.ok(reason instanceof TypeError && reason.message === "changed my mind");
          const full = (await lab.full()).getWriter();
          full.closed.catch(() => {});
          await assert.rejects(
            (async () => {
              for (;;) await full.write("x");
            })(),
            (error) => error instanceof RangeError && error.message === "the disk is full",
          );
        },
      );
    });

    it("refuse a locked stream with the path to it", async () => {
      await inStreams<{ take(input: unknown): Promise<void> }>({ take: () => {} }, async (lab) => {
        const locked = streamOf([1]);
        locked.getReader();
        await assert.rejects(lab.take({ file: [locked] }), (error) => {
          assert.ok(isCode("unsupported_value")(error));
          assert.match((error as Error).message, /args\[0\]\.file\[0\].*ReadableStream that is locked/);
          return true;
        });
      });
    });

    it("fail with what their source throws, and where an item cannot be sent", async () => {
      await inStreams<{
        bad(): Promise<AsyncIterable<unknown>>;
        nothing(): Promise<AsyncIterable<unknown>>;
        odd(): Promise<AsyncIterable<unknown>>;
      }>(
        {
          async *nothing() {
            yield 1;
            throw undefined;
          },
          async *bad() {
            yield 1;
            throw new RangeError("out of numbers");
          },
          async *odd() {
            yield { fine: 1 };
            yield { wrong: Symbol("s") };
          },
        },
        async (lab) => {
          await assert.rejects(
            all(await lab.bad()),
            (error) => error instanceof RangeError && error.message === "out of numbers",
          );
          await assert.rejects(all(await lab.nothing()), (error) => error === undefined);
          await assert.rejects(
            all(await lab.odd()),
            (error) =>
              isCode("unsupported_value")(error) &&
              /the stream of lab\.odd, item 1: cannot send item\.wrong/.test(String(error)),
          );
        },
      );
    });

    it("are checked item by item where they arrive", async () => {
      const files = contract("files", {
        numbers: method([], stream(v.number())),
        total: method([stream(v.pipe(v.string(), v.transform(Number)))], v.number()),
      });
      const stopped = Promise.withResolvers<void>();
      const implementation = {
        async *numbers() {
          try {
            yield 1;
            for (;;) yield "two";
          } finally {
            stopped.resolve();
          }
        },
        total: async (items: AsyncIterable<number>) => (await all(items)).reduce((a, b) => a + b, 0),
      };
      await inContract(
        files,
        implementation,
        async ({ lab, host, plugin }) => {
          const got: unknown[] = [];
          await assert.rejects(
            (async () => {
              for await (const item of await lab.numbers()) got.push(item);
            })(),
            (error) => {
              assert.ok(error instanceof PluginError);
              assert.equal(error.code, "invalid_result");
              assert.equal(error.path, "item[1]");
              assert.match(error.message, /implementation of files\.numbers/);
              return true;
            },
          );
          assert.deepEqual(got, [1]);
          await stopped.promise;
          assert.equal(await lab.total(streamOf(["1", "20"])), 21);
          await assert.rejects(lab.total(streamOf(["1", 2, "3"])), (error) => {
            assert.match(String(error), /the caller of files\.total passed.*item\[1\]/);
            return true;
          });
          await nothingHeld(host, plugin);
        },
        { link },
      );
    });

    it("carry what a contract says: bytes() raw, from whatever gives bytes", async () => {
      const made = contract("made", { size: method([bytes()], v.number()), odd: method([], bytes()) });
      await inContract(
        made,
        {
          async size(file: ReadableStream<Uint8Array>) {
            assert.ok(file instanceof ReadableStream);
            return (await whole(file)).length;
          },
          odd: () => streamOf(["text"]),
        },
        async ({ lab }) => {
          const chunks = Readable.from([Buffer.alloc(10), Buffer.alloc(20)]) as unknown as ReadableStream<Uint8Array>;
          assert.equal(await lab.size(chunks), 30);
          await assert.rejects(all(await lab.odd()), /chunk 0 is a string/);
        },
        { link },
      );
    });

    it("fail with the session, at the reader and at the source", async () => {
      const sawEnd = Promise.withResolvers<unknown>();
      const implementation = {
        async *ticks() {
          const { signal } = callContext();
          signal.addEventListener("abort", () => sawEnd.resolve(signal.reason));
          for (let i = 0; ; i++) yield i;
        },
      };
      await inLab<{ ticks(): AsyncIterable<number> }>(
        implementation,
        async ({ lab, plugin }) => {
          const ticks = await lab.ticks();
          const read = (async () => {
            for await (const tick of ticks) if (tick === 100) plugin.close();
          })();
          await assert.rejects(read, isCode("closed"));
          assert.ok(isCode("closed")(await sawEnd.promise));
        },
        { link },
      );
    });
  });
}
