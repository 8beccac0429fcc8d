import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { type Plugin, PluginError } from "../../mod.ts";
import { odds, pipes } from "../fixtures/streams/contracts.ts";
import { makeServed } from "../fixtures/streams/served.ts";
import { type PluginProgram, pluginWays } from "../support/plugins.ts";

const program: PluginProgram = {
  makeServed,
  script: new URL("../fixtures/streams/plugin.ts", import.meta.url),
};

const megabyte = new Uint8Array(1 << 20).map((_, i) => (i * i) >> 3);

function chunksOf(count: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = count;
  return new ReadableStream(
    {
      pull(controller) {
        if (left-- > 0) controller.enqueue(megabyte);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

async function lengthOf(items: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of items) length += chunk.length;
  return length;
}

for (const way of pluginWays) {
  describe(`streams through ${way.name}`, () => {
    let plugin: Plugin;
    before(async () => {
      plugin = await way.open(program);
    });
    after(() => plugin.stop());

    it("give many values in order", async () => {
      const items = await all(await plugin.dispense(pipes).count(20_000));
      assert.equal(items.length, 20_000);
      assert.ok(items.every((item, i) => item === i));
    });

    it("take a file in, and give a digest of it", async () => {
      const expected = createHash("sha256");
      for (let i = 0; i < 8; i++) expected.update(megabyte);
      assert.equal(await plugin.dispense(pipes).sha256(chunksOf(8)), expected.digest("hex"));
      const node = Readable.from([Buffer.from("plug"), Buffer.from("wire")]);
      const digest = createHash("sha256").update("plugwire").digest("hex");
      assert.equal(await plugin.dispense(pipes).sha256(node), digest);
    });

    it("go both ways at once", async () => {
      const packed = await plugin.dispense(pipes).gzip(chunksOf(8));
      const plain = packed.pipeThrough(new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>);
      assert.equal(await lengthOf(plain), 8 * megabyte.length);
      const lines = (async function* () {
        for (let i = 0; i < 500; i++) yield `line ${i}`;
      })();
      const upper = await all(await plugin.dispense(pipes).upper(lines));
      assert.deepEqual([upper.length, upper[499]], [500, "LINE 499"]);
    });

    it("hold a fast writer back within the window while nobody reads", async () => {
      const proxy = plugin.dispense(pipes);
      const before = await proxy.counted();
      const items = (await proxy.count())[Symbol.asyncIterator]();
      await items.next();
      let given = -1;
      for (let now = 0; now !== given; ) {
        given = now;
        for (let i = 0; i < 5; i++) await plugin.ping();
        now = (await proxy.counted()).given - before.given;
      }
      assert.ok(given < 25_000, `${given} items were taken ahead of the reader`);
      await items.return?.();
      assert.equal((await proxy.counted()).ended, before.ended + 1);
    });

    it("do not hold other calls up while nobody reads", async () => {
      const proxy = plugin.dispense(pipes);
      const readers = await Promise.all(
        Array.from({ length: 20 }, async () => (await proxy.zeros(64 << 20, 4 << 20)).getReader()),
      );
      for (const reader of readers) await reader.read();
      assert.equal(typeof (await proxy.counted()).given, "number");
      await Promise.all(readers.map((reader) => reader.cancel()));
    });

    it("end their producer at a break, one that waits too", async () => {
      const proxy = plugin.dispense(pipes);
      const { ended } = await proxy.counted();
      for await (const item of await proxy.count()) if (item === 10) break;
      for await (const _ of await proxy.waiting()) break;
      assert.equal((await proxy.counted()).ended, ended + 2);
    });

    it("fail with the error of their source, after what came before", async () => {
      const got: number[] = [];
      const read = async (): Promise<void> => {
        for await (const item of await plugin.dispense(pipes).failing(3)) got.push(item);
      };
      await assert.rejects(read(), (error) => error instanceof RangeError && error.message === "no more than 3");
      assert.deepEqual(got, [0, 1, 2]);
    });

    it("fail at an item against the contract", async () => {
      await assert.rejects(
        all(await plugin.dispense(pipes).wrong()),
        (error) => error instanceof PluginError && error.code === "invalid_result" && error.path === "item[1]",
      );
    });

    it("are written to, both ways", async () => {
      const proxy = plugin.dispense(odds);
      const lines: string[] = [];
      await proxy.write(new WritableStream({ write: (line) => void lines.push(line) }), ["a", "b", "c"]);
      assert.deepEqual(lines, ["a", "b", "c"]);
      const collector = await proxy.collector();
      const read = all(collector.lines);
      const writer = collector.into.getWriter();
      await writer.write("x");
      await writer.write("y");
      await writer.close();
      assert.deepEqual(await read, ["x", "y"]);
    });

    it("come home as what they were", async () => {
      const mine = { deep: [chunksOf(1), new WritableStream()] };
      const back = (await plugin.dispense(odds).echo(mine)) as typeof mine;
      assert.equal(back.deep[0], mine.deep[0]);
      assert.equal(back.deep[1], mine.deep[1]);
    });

    it("work with tee and pipeTo on what arrives", async () => {
      const [left, right] = (await plugin.dispense(pipes).zeros(300_000, 7_000)).tee();
      let piped = 0;
      await Promise.all([
        lengthOf(left),
        right.pipeTo(
          new WritableStream({
            write(chunk) {
              piped += chunk.length;
            },
          }),
        ),
      ]);
      assert.equal(piped, 300_000);
    });
  });

  if (!way.isProcess) continue;
  it(`a stream through ${way.name} fails with how the process ended`, async () => {
    await using plugin = await way.open(program);
    const got: number[] = [];
    const read = async (): Promise<void> => {
      for await (const item of await plugin.dispense(pipes).dying()) got.push(item);
    };
    await assert.rejects(read(), (error) => {
      assert.ok(error instanceof PluginError);
      assert.equal(error.exitCode, 7);
      assert.match(error.message, /the stream of pipes\.dying ended before its time/);
      return true;
    });
  });
}
