import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { type Contract, contract, method, type Peer, type Served, servedParts } from "../../src/contract/mod.ts";

const first = contract("counter", { add: method([v.number()], v.number()), total: method([], v.number()) });
const second = contract("counter", {
  add: method([v.number(), v.number()], v.number()),
  total: method([], v.number()),
  reset: method([]),
});
const peer: Peer = {
  version: 1,
  dispense() {
    throw new Error("not asked for here");
  },
};

class Counter {
  #total = 0;
  add(n: number, times: number): number {
    this.#total += n * times;
    return this.#total;
  }
  total(): number {
    return this.#total;
  }
  reset(): void {
    this.#total = 0;
  }
}

function adapted(newer: ReturnType<typeof second.implement>): Served {
  return first.adapt(newer, (now) => ({ add: (n) => now.add(n, 1) }));
}

async function call(served: Served, name: string, ...args: readonly unknown[]): Promise<unknown> {
  const { implementation, methods } = await servedParts(served).make(peer);
  return methods.get(name)?.call(implementation, ...args);
}

test("an object stays one object behind both contracts, its other methods included", async () => {
  const newer = second.implement(new Counter());
  const older = adapted(newer);
  assert.equal(await call(newer, "add", 2, 3), 6);
  assert.equal(await call(older, "add", 2), 8);
  assert.equal(await call(older, "total"), 8);
  const { isFactory, names, name } = servedParts(older);
  assert.deepEqual([isFactory, names, name], [false, ["add", "total"], "counter"]);
});

test("a factory stays one, called once for each dispense with its peer, and may take its time", async () => {
  const peers: Peer[] = [];
  for (const later of [false, true]) {
    const newer = second.implement((each) => {
      peers.push(each);
      return later ? Promise.resolve(new Counter()) : new Counter();
    });
    const older = adapted(newer);
    assert.equal(servedParts(older).isFactory, true);
    const made = await servedParts(older).make(peer);
    const other = await servedParts(older).make(peer);
    assert.equal(made.methods.get("add")?.call(made.implementation, 5), 5);
    assert.equal(made.methods.get("total")?.call(made.implementation), 5);
    assert.equal(other.methods.get("total")?.call(other.implementation), 0);
  }
  assert.deepEqual(peers, [peer, peer, peer, peer]);
});

test("changes may be an object with state and classes of its own", async () => {
  const older = first.adapt(second.implement(new Counter()), (now) => {
    class Changes {
      #calls = 0;
      add(n: number): number {
        this.#calls++;
        void now.add(n, 1);
        return this.#calls;
      }
    }
    return new Changes();
  });
  assert.deepEqual([await call(older, "add", 7), await call(older, "add", 7), await call(older, "total")], [1, 2, 14]);
});

test("an adapted contract can be adapted again", async () => {
  const oldest = contract("counter", { increment: method([], v.number()) });
  const newest = second.implement(new Counter());
  const older = first.adapt(newest, (now) => ({ add: (n) => now.add(n, 1) }));
  const chained = oldest.adapt(older, (now) => ({ increment: () => now.add(1) }));
  assert.deepEqual([await call(chained, "increment"), await call(chained, "increment")], [1, 2]);
  assert.equal(await call(newest, "total"), 2);
});

test("contracts of types alone can be adapted too", async () => {
  interface Old {
    hello(): string;
  }
  interface New {
    greet(name: string): string;
  }
  const older: Contract<Old> = contract<Old>("greeter");
  const newer: Contract<New> = contract<New>("greeter");
  const served = older.adapt(newer.implement({ greet: (name) => `Hello, ${name}` }), (now) => ({
    hello: () => now.greet("you"),
  }));
  assert.equal(await call(served, "hello"), "Hello, you");
});

test("a method that neither side has, and what is no adapter, are named", () => {
  const newer = second.implement(new Counter());
  const other = contract("counter", { ad: method([]) });
  assert.throws(() => other.adapt(newer, (() => ({})) as never), /has no method "ad"; did you mean "add"/);
  assert.throws(() => other.adapt(newer, (() => 5) as never), /function given to adapt\(\) must return an object/);
  assert.throws(() => other.adapt(newer, {} as never), /adapt\(\) takes a function/);
  assert.throws(() => other.adapt({} as never, (() => ({})) as never), /this cannot be served/);
});

test("a plain function that a change passes arrives like one of the other side: awaited, disposed of, the same each time", async () => {
  type Progress = (done: number) => number;
  const got: unknown[] = [];
  const older = contract<{ run(): void; held(): void }>("runner");
  const newer = contract<{ run(progress: Progress): void; held(progress: Progress): void }>("runner").implement({
    async run(progress) {
      using held = progress;
      got.push(progress, await held(1).then((answer) => answer + 1));
      await assert.rejects(held(0), /no progress/);
    },
    held: (progress) => void got.push(progress),
  });
  const plain = (done: number): number => {
    if (done === 0) throw new Error("no progress");
    return done * 10;
  };
  const held = Object.assign(async (done: number) => done, { [Symbol.dispose](): void {} });
  const served = older.adapt(newer, (now) => ({ run: () => now.run(plain), held: () => now.held(held) }));
  await call(served, "run");
  await call(served, "run");
  await call(served, "held");
  assert.deepEqual([got[1], got[3]], [11, 11]);
  assert.equal(got[0], got[2]);
  assert.equal(got[4], held);
});
