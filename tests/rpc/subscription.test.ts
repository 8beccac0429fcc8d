import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError, type Push, subscription } from "../../mod.ts";
import { inLab, nothingHeld } from "./_references.ts";

function emitter<T>(): { listeners: Set<Push<T>>; emit(event: T): void; listen(push: Push<T>): () => void } {
  const listeners = new Set<Push<T>>();
  return {
    listeners,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    listen: (push) => {
      listeners.add(push);
      return () => void listeners.delete(push);
    },
  };
}

const isLimit = (error: unknown): boolean => error instanceof PluginError && error.code === "limit";

describe("a subscription", () => {
  it("keeps what comes before somebody reads, and gives it in order", async () => {
    const { emit, listen } = emitter<number>();
    const events = subscription(listen);
    emit(1);
    const waits = [events.next(), events.next(), events.next()];
    emit(2);
    emit(3);
    assert.deepEqual(
      (await Promise.all(waits)).map(({ value }) => value),
      [1, 2, 3],
    );
    await events.return?.();
  });

  it("stops listening when its reader returns, and ends what waits", async () => {
    const { listeners, listen } = emitter<number>();
    const events = subscription(listen);
    const waits = events.next();
    await events.return?.();
    assert.equal(listeners.size, 0);
    assert.deepEqual(await waits, { value: undefined, done: true });
    assert.deepEqual(await events.next(), { value: undefined, done: true });
  });

  it("ends for its reader also when it cannot stop listening, which whoever ended it is told", async () => {
    const ends: (() => void)[] = [];
    const make = () =>
      subscription<number>((_push, end) => {
        ends.push(end);
        return () => {
          throw new RangeError("still listening");
        };
      });
    const ended = make();
    const waits = ended.next();
    assert.throws(ends[0]!, /still listening/);
    assert.deepEqual(await waits, { value: undefined, done: true });
    const left = make();
    const waitsToo = left.next();
    await assert.rejects(Promise.resolve(left.return?.()), /still listening/);
    assert.deepEqual(await waitsToo, { value: undefined, done: true });
  });

  it("ends from the other side, with an error or without", async () => {
    const ends: ((error?: unknown) => void)[] = [];
    let stopped = 0;
    const subscribe = (push: Push<number>, end: (error?: unknown) => void): (() => void) => {
      push(7);
      ends.push(end);
      return () => void stopped++;
    };
    const [first, second] = [subscription(subscribe), subscription(subscribe)];
    ends[0]!();
    ends[1]!(new RangeError("over"));
    assert.deepEqual(
      [await first.next(), await first.next()],
      [
        { value: 7, done: false },
        { value: undefined, done: true },
      ],
    );
    assert.equal((await second.next()).value, 7);
    await assert.rejects(second.next(), RangeError);
    assert.equal((await second.next()).done, true);
    assert.equal(stopped, 2);
    const third = subscription<number>((_push, end) => {
      end();
      return () => void stopped++;
    });
    assert.equal((await third.next()).done, true);
    assert.equal(stopped, 3);
  });

  it("fails a reader that falls behind, or drops what is oldest", async () => {
    const { listeners, emit, listen } = emitter<number>();
    const strict = subscription(listen, { maxQueued: 2 });
    const lossy = subscription(listen, { maxQueued: 2, whenFull: "dropOldest" });
    for (let i = 1; i <= 4; i++) emit(i);
    assert.equal(listeners.size, 1);
    assert.deepEqual([(await strict.next()).value, (await strict.next()).value], [1, 2]);
    await assert.rejects(strict.next(), isLimit);
    assert.deepEqual([(await lossy.next()).value, (await lossy.next()).value], [3, 4]);
    await lossy[Symbol.asyncDispose]();
    assert.equal(listeners.size, 0);
    assert.throws(() => subscription(listen, { maxQueued: 0 }), RangeError);
  });

  it("comes to its end when the session is drained, from either side", async () => {
    const { listeners, listen } = emitter<number>();
    const mine = emitter<number>();
    await inLab<{ events(): AsyncIterable<number>; first(events: AsyncIterable<number>): Promise<number | undefined> }>(
      {
        events: () => subscription(listen),
        async first(events: AsyncIterable<number>) {
          for await (const event of events) return event;
          return undefined;
        },
      },
      async ({ lab, host, plugin }) => {
        const events = (await lab.events())[Symbol.asyncIterator]();
        const waits = events.next();
        const asked = lab.first(subscription(mine.listen));
        await host.ping();
        await host.drain();
        assert.equal((await waits).done, true);
        assert.equal(await asked, undefined);
        assert.equal(listeners.size + mine.listeners.size, 0);
        await nothingHeld(host, plugin);
      },
    );
  });

  it("through a session stops at a break while it waits, at a signal, unread, and at the session's end", async () => {
    const { listeners, emit, listen } = emitter<number>();
    await inLab<{ events(): AsyncIterable<number> }>(
      { events: () => subscription(listen) },
      async ({ lab, host, plugin }) => {
        const events = await lab.events();
        emit(1);
        for await (const event of events) {
          assert.equal(event, 1);
          break;
        }
        assert.equal(listeners.size, 0);
        const unread = await lab.events();
        assert.equal(listeners.size, 1);
        await unread[Symbol.asyncIterator]().return?.();
        assert.equal(listeners.size, 0);
        await nothingHeld(host, plugin);
        const lost = (await lab.events())[Symbol.asyncIterator]();
        const waits = assert.rejects(lost.next(), PluginError);
        await host.ping();
        host.close();
        await waits;
        await plugin.closed;
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(listeners.size, 0);
      },
    );
  });
});
