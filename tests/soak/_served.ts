import { callContext, type Remote, reference, retain, type Served, withOptions } from "../../mod.ts";
import type { RpcSession } from "../../src/rpc/mod.ts";
import { desk, shaped, soak, type ThrowKind } from "./_contracts.ts";
import type { CountedSignal } from "./_counted_signal.ts";
import { countLeft } from "./_left.ts";

type Kept = Remote<(n: number) => number> & Disposable;
type Desk = ReturnType<typeof dispenseDesk>;

const chunkBytes = 10_000;

function dispenseDesk(session: RpcSession) {
  return session.dispense(desk);
}

class Counter {
  #count: number;

  constructor(from: number) {
    this.#count = from;
  }

  next(): number {
    return this.#count++;
  }

  twin(): { next(): number } {
    const from = this.#count;
    return new Counter(from);
  }
}

/** What the plugin of the soak serves. @param session Its own, once it is there. */
export function makeServed(session: () => RpcSession, longLived: CountedSignal): Served[] {
  const kept: Kept[] = [];
  let host: Desk | undefined;
  return [
    soak.implement({
      echo: (value) => value,
      async each(count, visit) {
        let sum = 0;
        for (let n = 0; n < count; n++) sum += await visit(n);
        return sum;
      },
      keep: (fn) => void kept.push(retain(fn) as Kept),
      callKept: async (n) => (kept.length === 0 ? n : await kept[n % kept.length]!(n)),
      forget: () => kept.shift()?.[Symbol.dispose](),
      forgetAll() {
        for (const fn of kept.splice(0)) fn[Symbol.dispose]();
      },
      async readBytes(file, atMost) {
        let read = 0;
        for await (const chunk of file) {
          read += chunk.length;
          if (read >= atMost) break;
        }
        return read;
      },
      async readValues(items, atMost) {
        const { signal } = callContext();
        let read = 0;
        if (atMost === 0) return read;
        for await (const _ of items) {
          read++;
          // A stream that was begun goes on when its call is cancelled, until its reader has enough.
          if (read >= atMost || signal.aborted) break;
        }
        return read;
      },
      ignores: () => "not read",
      giveBytes: (total) => bytesOf(total),
      async *giveValues(count, failsAt) {
        for (let n = 0; n < count; n++) {
          if (n === failsAt) throw new RangeError("fails as it was told to");
          yield n;
        }
      },
      async *map(items, change) {
        for await (const item of items) yield await change(item);
      },
      async write(into, count) {
        const writer = into.getWriter();
        for (let n = 0; n < count; n++) await writer.write(n);
        await writer.close();
      },
      sink: (fails) =>
        new WritableStream({
          write() {
            if (fails) throw new RangeError("the sink is full");
          },
        }),
      untilCancelled: () => untilAborted(callContext().signal),
      untilAborted: (signal) => untilAborted(signal),
      peek: (signal) => signal.aborted,
      throws: (kind) => throwIt(kind),
      open: () => reference(new Counter(0)),
      async nested(n) {
        host ??= dispenseDesk(session());
        const desk = n % 2 === 0 ? host : withOptions(host, { signal: longLived.signal, timeoutMs: 60_000 });
        return await desk.twice(n);
      },
      left: () => countLeft(session(), longLived),
    }),
    shaped.implement({
      async each(count, visit) {
        let sum = 0;
        for (let n = 0; n < count; n++) sum += await visit(n);
        return sum;
      },
      async *doubled(items) {
        for await (const item of items) yield item * 2;
      },
      through: (file) => file,
      counter: (from) => new Counter(from),
    }),
  ];
}

/** Settles with the reason once it is aborted. */
function untilAborted(signal: AbortSignal): Promise<unknown> {
  const aborted = Promise.withResolvers<unknown>();
  if (signal.aborted) aborted.resolve(String(signal.reason));
  else signal.addEventListener("abort", () => aborted.resolve(String(signal.reason)), { once: true });
  return aborted.promise;
}

/** So many bytes, in pieces. */
export function bytesOf(total: number): ReadableStream<Uint8Array> {
  let left = total;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, chunkBytes);
      if (size > 0) controller.enqueue(new Uint8Array(size).fill(left & 255));
      left -= size;
      if (left === 0) controller.close();
    },
  });
}

function throwIt(kind: ThrowKind): never {
  if (kind === "text") throw "just words";
  if (kind === "value") throw { plain: [1, 2, 3] };
  if (kind === "cause") throw new TypeError("outer", { cause: new RangeError("inner") });
  const error = Object.assign(new Error("thrown"), { code: "ETHROWN" });
  if (kind === "hostile") {
    Object.defineProperty(error, "message", {
      get() {
        throw new Error("not even that");
      },
    });
  }
  throw error;
}
