// Checked by tsc and deno check, never run: contracts from schemas of three libraries, and from what is no data.
import {
  bytes,
  type Contract,
  callback,
  contract,
  launch,
  method,
  optional,
  type Remote,
  type RemoteIterator,
  referenceTo,
  serve,
  stream,
} from "@plugwire/plugwire";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}

export const greeter = contract("greeter", {
  greet: method([v.string()], v.string()),
  add: method([z.number(), v.optional(v.number(), 1)], type("number"), { idempotent: true }),
  ping: method(),
  when: method(
    [
      v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
    ],
    v.date(),
  ),
});

export async function plain(): Promise<void> {
  await serve(
    greeter.implement({
      greet: (name) => name.toUpperCase(),
      add: (a, b) => a + b,
      ping() {},
      when: (date) => new Date(date.getTime()),
    }),
  );
  const plugin = await launch("./plugin");
  const proxy = plugin.dispense(greeter);
  is<Eq<Awaited<ReturnType<typeof proxy.greet>>, string>>();
  await proxy.add(1);
  const when: Date = await proxy.when("2026-01-01");
  void when;
}

export const files = contract("files", {
  hash: method([bytes(), callback([v.number()])], v.string()),
  pick: method([v.array(v.string()), callback([v.string()], v.boolean())], v.optional(v.string())),
  lines: method([v.string()], stream(v.string())),
  copy: method([v.string(), v.string(), optional(callback([v.number()]))]),
  sum: method([stream(z.number())], type("number")),
  watch: method([v.string(), callback([v.string()])], callback(), { keeps: true }),
});

export async function shapes(): Promise<void> {
  files.implement({
    async hash(body, progress) {
      for await (const chunk of body) await progress(chunk.length);
      return "x";
    },
    async pick(names, want) {
      for (const name of names) if (await want(name)) return name;
      return undefined;
    },
    // An async generator where a stream is declared.
    async *lines(path) {
      yield path;
    },
    async copy(_from, _to, progress) {
      is<Eq<Parameters<NonNullable<typeof progress>>, [number]>>();
      await progress?.(1);
      progress?.[Symbol.dispose]();
    },
    async sum(numbers) {
      let sum = 0;
      for await (const number of numbers) sum += number;
      return sum;
    },
    watch(_path, onChange) {
      void onChange("a");
      return () => onChange[Symbol.dispose]();
    },
  });
  // A stream may be given as what it is, too.
  const given: Parameters<typeof files.implement>[0] = {} as never;
  void given;

  const proxy = (await launch("./plugin")).dispense(files);
  await proxy.hash(new ReadableStream<Uint8Array>(), (n) => console.log(n));
  // A callback may answer at once or later.
  await proxy.pick(["a"], (name) => name === "a");
  await proxy.pick(["a"], async (name) => name === "a");
  for await (const line of proxy.lines("x")) is<Eq<typeof line, string>>();
  const lines = await proxy.lines("x");
  is<Eq<typeof lines, RemoteIterator<string>>>();
  await proxy.copy("a", "b");
  await proxy.copy("a", "b", (done) => console.log(done.toFixed()));
  await proxy.sum(new ReadableStream<number>());
  await proxy.sum(
    (async function* () {
      yield 1;
    })(),
  );
  using stop = await proxy.watch("a", (path) => console.log(path.length));
  await stop();
  await proxy.hash(
    (async function* () {
      yield new Uint8Array(1);
    })(),
    () => {},
  );
  // @ts-expect-error what the callback is called with has another type
  await proxy.pick(["a"], (name: number) => name > 1);
  // @ts-expect-error what the callback gives has another type
  await proxy.pick(["a"], (name) => name);
  // @ts-expect-error items of another type
  await proxy.sum(new ReadableStream<string>());
}

// Transforms of what a callback is called with and of what it gives: each side has its own view.
export const dates = contract("dates", {
  each: method([
    callback(
      [
        v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      ],
      v.pipe(
        v.number(),
        v.transform((n) => BigInt(n)),
      ),
    ),
  ]),
});
export async function transforming(proxyOf: {
  dispense: Awaited<ReturnType<typeof launch>>["dispense"];
}): Promise<void> {
  await proxyOf.dispense(dates).each((date) => {
    is<Eq<typeof date, Date>>();
    return 1;
  });
  dates.implement({
    async each(visit) {
      is<Eq<Parameters<typeof visit>, [string]>>();
      is<Eq<Awaited<ReturnType<typeof visit>>, bigint>>();
    },
  });
}

// Objects by reference.
export const table = contract("table", { count: method([], v.number()) });
export const database = contract("database", {
  table: method([v.string()], referenceTo(table)),
  merge: method([referenceTo(table)], v.number()),
});
export async function references(): Promise<void> {
  database.implement({
    table: (name) => ({ count: () => name.length }),
    async merge(other) {
      using mine = other;
      return await mine.count();
    },
  });
  // Answers may come later, in an object too.
  database.implement({ table: async () => ({ count: async () => 1 }), merge: () => 1 });
  // @ts-expect-error an object without the method
  database.implement({ table: () => ({ size: () => 1 }), merge: () => 1 });
  const proxy = (await launch("./plugin")).dispense(database);
  const count: number = await proxy.table("users").count();
  using users = await proxy.table("users");
  await users.count();
  await proxy.merge({ count: async () => 5 });
  void count;
}

export interface Tree {
  name(): string;
  child(name: string): Tree;
}
/** A contract that names itself. */
export const tree: Contract<Tree> = contract<Tree>("tree", {
  name: method([], v.string()),
  child: method(
    [v.string()],
    referenceTo(() => tree),
  ),
});
export async function treeing(): Promise<void> {
  const proxy = (await launch("./plugin")).dispense(tree);
  const name: string = await proxy.child("a").child("b").name();
  void name;
}

// @ts-expect-error a helper schema does not fit into valibot's own tuple
v.tuple([v.string(), callback([v.number()])]);

// An interface with schemas for all that it has.
export interface Files {
  pick(names: string[], want: (name: string) => Promise<boolean>): Promise<string | undefined>;
  each(visit: (name: string) => void): Promise<void>;
  open(path: string): Promise<ReadableStream<Uint8Array>>;
  lines(path: string): AsyncIterable<string>;
  all(): AsyncGenerator<string>;
  watch(onChange: (path: string) => void, signal?: AbortSignal): Promise<() => void>;
}
export const typed: Contract<Files> = contract<Files>("files", {
  pick: method([v.array(v.string()), callback([v.string()], v.boolean())], v.optional(v.string())),
  each: method([callback([v.string()])]),
  open: method([v.string()], bytes()),
  lines: method([v.string()], stream(v.string())),
  all: method([], stream(v.string())),
  watch: method([callback([v.string()]), v.optional(v.instance(AbortSignal))], callback()),
});
interface When {
  at(text: string): Promise<Date>;
}
const when = v.pipe(
  v.string(),
  v.transform((text) => new Date(text)),
);
// @ts-expect-error an implementation would give a Date where the schema takes a text
contract<When>("when", { at: method([v.string()], when) });
// @ts-expect-error an implementation would get a Date where the interface has a text
contract<When>("when", { at: method([when], v.date()) });
const wrong = {
  each: method([callback([v.number()])]),
};
// @ts-expect-error a callback of another type
contract<Files>("files", wrong, { partial: true });

export interface Greeter {
  /** Greets. */
  greet(name: string): Promise<string>;
  add(a: number, b?: number): Promise<number>;
  pick(names: string[], want: (n: string) => Promise<boolean>): Promise<string | undefined>;
}
export const some: Contract<Greeter> = contract<Greeter>(
  "greeter",
  {
    greet: method([v.string()], v.string()),
    add: method([v.number(), v.optional(v.number())], v.number()),
  },
  { partial: true },
);
export async function callingSome(): Promise<void> {
  const proxy = (await launch("./plugin")).dispense(some);
  await proxy.greet("x");
  await proxy.pick([], async () => true);
  const greet: (name: string) => Promise<string> = proxy.greet;
  void greet;
}

// A function that is given can be called before it is there where the contract declares it.
export const adders = contract("adders", {
  adder: method([v.number()], callback([v.number()], callback([v.string()], v.number()))),
});
interface Adders {
  adder(n: number): (m: number) => number;
}
export async function callingAtOnce(proxies: { typed: Remote<Adders> }): Promise<void> {
  adders.implement({ adder: (n) => (m) => (text) => n + m + text.length });
  adders.implement({ adder: async (n) => async (m) => async (text) => n + m + text.length });
  const proxy = (await launch("./plugin")).dispense(adders);
  const five: number = await proxy.adder(1)(2)("ab");
  using add = await proxy.adder(1);
  using last = await add(2);
  const six: number = await last("abc");
  using adder = await proxies.typed.adder(2);
  const seven: number = await adder(5);
  // @ts-expect-error types alone do not tell in time that the answer is a function
  await proxies.typed.adder(2)(5);
  void [five, six, seven];
}
export const declaredAdders: Contract<Adders> = contract<Adders>("adders", {
  adder: method([v.number()], callback([v.number()], v.number())),
});
