import assert from "node:assert/strict";
import { type Contract, type Dispensed, PluginError, withOptions } from "../../mod.ts";
import type { Random } from "../support/wire_random.ts";
import type { Soak, shaped, ThrowKind } from "./_contracts.ts";
import type { CountedSignal } from "./_counted_signal.ts";
import { bytesOf } from "./_served.ts";

/** What a move plays with. */
export interface Table {
  readonly soak: Dispensed<Soak>;
  readonly shaped: Dispensed<typeof shaped extends Contract<infer T> ? T : never>;
  readonly random: Random;
  /** Passed to calls all the time, and never aborted. */
  readonly longLived: CountedSignal;
}

type Move = (table: Table) => Promise<unknown>;

/** Where `using` is not called: the collector's to release. */
function forgotten(_: unknown): void {}

async function* upTo(count: number, failsAt = -1): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) {
    if (n === failsAt) throw new RangeError("fails as it was told to");
    yield n;
  }
}

const failed = (error: unknown): boolean => error instanceof RangeError && /as it was told/.test(error.message);

/** How often each is played, and what it is. Each holds what it gets against what it must be. */
export const moves: Readonly<Record<string, readonly [weight: number, move: Move]>> = {
  echo: [
    30,
    async ({ soak, random }) => {
      const value = {
        n: random.below(1_000),
        text: "x".repeat(random.below(200)),
        deep: [new Map([[1, new Date(5)]])],
      };
      assert.deepEqual(await soak.echo(value), value);
    },
  ],
  "echo beyond the window": [
    1,
    async ({ soak, random }) => {
      const text = "x".repeat(random.between(60_000, 200_000));
      assert.equal(await soak.echo(text), text);
    },
  ],
  callback: [
    12,
    async ({ soak, random }) => {
      const count = random.below(4);
      assert.equal(await soak.each(count, (n) => n), sumTo(count));
    },
  ],
  "callback of a contract": [
    6,
    async ({ shaped, random }) => {
      const count = random.below(4);
      assert.equal(await shaped.each(count, (n) => n), sumTo(count));
    },
  ],
  "callback that throws": [
    4,
    async ({ soak }) => {
      const mine = new RangeError("of the callback");
      const call = soak.each(3, () => {
        throw mine;
      });
      await assert.rejects(call, (error) => error === mine || (error as Error).message === mine.message);
    },
  ],
  "callback kept": [4, ({ soak, random }) => soak.keep(offset(random.below(9)))],
  "callback that was kept, called": [
    4,
    async ({ soak, random }) => assert.equal(typeof (await soak.callKept(random.below(50))), "number"),
  ],
  "callback forgotten": [4, ({ soak }) => soak.forget()],
  "function sent home": [
    4,
    async ({ soak, random }) => {
      const fn = offset(random.below(9));
      assert.equal(((await soak.echo({ fn })) as { fn: unknown }).fn, fn);
    },
  ],
  "bytes there": [
    4,
    async ({ soak, random }) => {
      const total = random.below(random.chance(0.1) ? 300_000 : 40_000);
      const atMost = random.chance(0.5) ? Number.POSITIVE_INFINITY : random.below(total + 1);
      const read = await soak.readBytes(bytesOf(total), atMost);
      assert.ok(atMost === Number.POSITIVE_INFINITY ? read === total : read >= atMost || read === total);
    },
  ],
  "values there": [
    4,
    async ({ soak, random }) => {
      const count = random.below(60);
      const atMost = random.chance(0.5) ? 1_000 : random.below(60);
      assert.equal(await soak.readValues(upTo(count), atMost), Math.min(count, atMost));
    },
  ],
  "values there that fail": [
    2,
    async ({ soak, random }) => {
      const count = random.between(1, 30);
      await assert.rejects(soak.readValues(upTo(count, random.below(count)), 1_000), failed);
    },
  ],
  "a stream that is not read": [2, async ({ soak }) => assert.equal(await soak.ignores(upTo(5)), "not read")],
  "bytes back": [
    4,
    async ({ soak, random }) => {
      const total = random.below(random.chance(0.1) ? 300_000 : 40_000);
      const atMost = random.chance(0.5) ? total : random.below(total + 1);
      let read = 0;
      for await (const chunk of (await soak.giveBytes(total)) as unknown as AsyncIterable<Uint8Array>) {
        read += chunk.length;
        if (read >= atMost && atMost < total) break;
      }
      assert.ok(read >= atMost && read <= total);
    },
  ],
  "values back": [
    4,
    async ({ soak, random }) => {
      const count = random.below(60);
      const atMost = random.chance(0.5) ? 1_000 : random.between(1, 60);
      let read = 0;
      for await (const n of await soak.giveValues(count, -1)) {
        assert.equal(n, read++);
        if (read >= atMost) break;
      }
      assert.equal(read, Math.min(count, atMost));
    },
  ],
  "values back that fail": [
    2,
    async ({ soak, random }) => {
      const failsAt = random.below(20);
      let read = 0;
      await assert.rejects(async () => {
        for await (const _ of await soak.giveValues(50, failsAt)) read++;
      }, failed);
      assert.equal(read, failsAt);
    },
  ],
  "a stream given and forgotten": [
    2,
    async ({ soak, random }) => {
      forgotten(await (random.chance(0.5) ? soak.giveBytes(5_000) : soak.giveValues(5, -1)));
    },
  ],
  "a stream given, begun and forgotten": [
    1,
    async ({ soak }) => {
      const items = (await soak.giveValues(1_000_000, -1)) as AsyncIterableIterator<number>;
      assert.equal((await items.next()).value, 0);
    },
  ],
  "values both ways": [
    4,
    async ({ soak, random }) => {
      const count = random.below(40);
      const stopsAt = random.chance(0.3) ? random.below(40) : -1;
      let read = 0;
      for await (const n of await soak.map(upTo(count), (n) => n + 1)) {
        assert.equal(n, ++read);
        if (read === stopsAt) break;
      }
      if (stopsAt < 1) assert.equal(read, count);
    },
  ],
  "items of a contract both ways": [
    3,
    async ({ shaped, random }) => {
      const count = random.below(40);
      let read = 0;
      for await (const n of await shaped.doubled(upTo(count))) assert.equal(n, 2 * read++);
      assert.equal(read, count);
    },
  ],
  "bytes of a contract, home again": [
    2,
    async ({ shaped, random }) => {
      const total = random.below(30_000);
      let read = 0;
      for await (const chunk of (await shaped.through(bytesOf(total))) as unknown as AsyncIterable<Uint8Array>) {
        read += chunk.length;
      }
      assert.equal(read, total);
    },
  ],
  "a WritableStream there": [
    3,
    async ({ soak, random }) => {
      const count = random.below(12);
      const got: unknown[] = [];
      await soak.write(new WritableStream({ write: (chunk) => void got.push(chunk) }), count);
      assert.deepEqual(got, [...Array(count).keys()]);
    },
  ],
  "a WritableStream there that fails": [
    1,
    async ({ soak }) => {
      const full = new WritableStream({
        write() {
          throw new RangeError("fails as it was told to");
        },
      });
      await assert.rejects(soak.write(full, 40), failed);
    },
  ],
  "a WritableStream back": [
    2,
    async ({ soak, random }) => {
      const writer = ((await soak.sink(false)) as WritableStream<unknown>).getWriter();
      for (let n = random.below(8); n > 0; n--) await writer.write(n);
      if (random.chance(0.7)) return await writer.close();
      writer.closed.catch(() => {});
      await writer.abort("enough");
    },
  ],
  "a call cancelled": [
    4,
    async ({ soak, random }) => {
      const controller = new AbortController();
      const call = withOptions(soak, { signal: controller.signal }).untilCancelled();
      for (let turns = random.below(4); turns > 0; turns--) await Promise.resolve();
      if (random.chance(0.5)) await soak.echo(1);
      controller.abort("cancelled by the host");
      await assert.rejects(call, (error) => error === "cancelled by the host");
    },
  ],
  "a call in time": [
    4,
    async ({ soak, longLived, random }) => {
      const options = random.chance(0.5) ? { signal: longLived.signal } : { timeoutMs: 60_000 };
      assert.equal(await withOptions(soak, { ...options, metadata: { a: 1 } }).echo(7), 7);
    },
  ],
  "a call too late": [
    2,
    async ({ soak, random }) => {
      const call = withOptions(soak, { timeoutMs: random.below(4) }).untilCancelled();
      await assert.rejects(call, (error) => error instanceof PluginError && error.code === "timeout");
    },
  ],
  "a stream whose call is cancelled": [
    2,
    async ({ soak, random }) => {
      const controller = new AbortController();
      const call = withOptions(soak, { signal: controller.signal }).readValues(upTo(1_000_000), 1_000_000);
      for (let calls = random.below(3); calls > 0; calls--) await soak.echo(1);
      controller.abort("cancelled by the host");
      await assert.rejects(call, (error) => error === "cancelled by the host");
    },
  ],
  "a signal": [
    4,
    async ({ soak, random }) => {
      const controller = new AbortController();
      if (random.chance(0.2)) controller.abort("aborted by the host");
      const call = soak.untilAborted(controller.signal);
      if (random.chance(0.5)) await soak.echo(1);
      controller.abort("aborted by the host");
      assert.equal(await call, "aborted by the host");
    },
  ],
  "a signal that lives long": [
    3,
    async ({ soak, longLived }) => assert.equal(await soak.peek(longLived.signal), false),
  ],
  "an error": [
    6,
    async ({ soak, random }) => {
      const kind = random.pick<ThrowKind>(["error", "text", "cause", "hostile", "value"]);
      await assert.rejects(
        async () => await soak.throws(kind),
        (error) => !(error instanceof PluginError),
      );
    },
  ],
  "an argument that does not fit": [
    2,
    async ({ shaped }) => {
      const call = shaped.counter("no number" as never);
      await assert.rejects(
        async () => await call,
        (error) => error instanceof PluginError && error.code === "invalid_argument",
      );
    },
  ],
  "an argument that cannot cross": [
    2,
    async ({ soak }) => {
      const call = soak.echo({ fine: () => 1, list: [new WeakMap()] });
      await assert.rejects(
        async () => await call,
        (error) => error instanceof PluginError && error.code === "unsupported_value",
      );
    },
  ],
  "a reference, with using": [
    4,
    async ({ soak }) => {
      using counter = await soak.open();
      assert.equal(await counter.next(), 0);
      assert.equal(await counter.next(), 1);
    },
  ],
  "a reference, forgotten": [
    2,
    async ({ soak }) => {
      const counter = await soak.open();
      assert.equal(await counter.next(), 0);
    },
  ],
  "a reference of a contract, piped": [
    4,
    async ({ shaped, random }) => {
      const from = random.below(100);
      using counter = await shaped.counter(from);
      assert.equal(await counter.next(), from);
      assert.equal(await shaped.counter(from).next(), from);
      assert.equal(await shaped.counter(from).twin().next(), from);
    },
  ],
  "a call of the host in a call": [
    6,
    async ({ soak, random }) => {
      const n = random.below(100);
      assert.equal(await soak.nested(n), 2 * n);
    },
  ],
};

function sumTo(count: number): number {
  return count === 0 ? 0 : (count * (count - 1)) / 2;
}

function offset(by: number): (n: number) => number {
  return (n) => n + by;
}
