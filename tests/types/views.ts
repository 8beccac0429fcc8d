// Checked by tsc and deno check, never run: the caller's and the implementer's view of one interface.
import { type Contract, contract, type Held, type Implementation, type Remote } from "../../src/contract/mod.ts";
import { reference } from "../../src/rpc/mod.ts";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}
declare const plugin: { dispense<T, I>(contract: Contract<T, I>): Remote<T> };

export interface Database {
  table(name: string): Table;
  close(): void;
}
export interface Table {
  count(): number;
  rows(): AsyncIterable<{ id: number }>;
  each(visit: (row: { id: number }) => void): Promise<void>;
  find(test: (row: { id: number }) => boolean): { id: number } | undefined;
}
export interface Host {
  db(): Database;
  dbLater(): Promise<Database>;
  id<T>(x: T): Promise<T>;
  over(a: string): Promise<string>;
  over(a: number): Promise<number>;
  open(path: string): Promise<ReadableStream<Uint8Array>>;
  watch(onChange: (path: string) => void, signal?: AbortSignal): Promise<() => void>;
  upload(body: ReadableStream<Uint8Array>): Promise<number>;
  keys(): AsyncGenerator<string>;
}
export const host: Contract<Host> = contract<Host>("host");

export async function calling(): Promise<void> {
  const h = plugin.dispense(host);
  const count: number = await h.db().table("users").count();
  const countLater: number = await h.dbLater().table("users").count();
  for await (const row of h.db().table("users").rows()) is<Eq<typeof row.id, number>>();
  for await (const row of await h.db().table("users").rows()) is<Eq<typeof row.id, number>>();
  for await (const key of h.keys()) is<Eq<typeof key, string>>();
  const one: number = await h.id(1);
  const text: string = await h.over("x");
  const number: number = await h.over(1);
  const chunks: ReadableStream<Uint8Array> = await h.open("x");
  {
    using db = await h.db();
    using users = await db.table("users");
    is<Eq<Awaited<ReturnType<typeof users.count>>, number>>();
  }
  using stop = await h.watch((path) => console.log(path));
  await stop();
  await h
    .db()
    .table("u")
    .find((row) => row.id > 1);
  await h
    .db()
    .table("u")
    .find(async (row) => row.id > 1);
  void [count, countLater, one, text, number, chunks];
}

interface Finder {
  find(xs: number[], pick: (x: number) => boolean): Promise<number | undefined>;
}
const finder: Contract<Finder> = contract<Finder>("finder");
class LocalFinder {
  async find(xs: number[], pick: (x: number) => boolean): Promise<number | undefined> {
    return xs.find(pick);
  }
}

export function implementing(): void {
  finder.implement({
    async find(xs, pick) {
      // @ts-expect-error pick() is a promise here, which is always true
      for (const x of xs) if (pick(x)) return x;
      return undefined;
    },
  });
  // @ts-expect-error a local class that needs the answer at once cannot be served
  finder.implement(new LocalFinder());
  finder.implement({
    async find(xs, pick) {
      for (const x of xs) if (await pick(x)) return x;
      return undefined;
    },
  });
}

class Tab implements Table {
  count(): number {
    return 1;
  }
  async *rows(): AsyncGenerator<{ id: number }> {
    yield { id: 1 };
  }
  async each(visit: (row: { id: number }) => void): Promise<void> {
    visit({ id: 1 });
  }
  find(): undefined {
    return undefined;
  }
}
class Db implements Database {
  table(): Table {
    return reference(new Tab());
  }
  close(): void {}
}
class HostImplementation implements Host {
  db(): Database {
    return new Db();
  }
  async dbLater(): Promise<Database> {
    return new Db();
  }
  async id<T>(x: T): Promise<T> {
    return x;
  }
  over(a: string): Promise<string>;
  over(a: number): Promise<number>;
  async over(a: unknown): Promise<never> {
    return a as never;
  }
  async open(): Promise<ReadableStream<Uint8Array>> {
    return new ReadableStream<Uint8Array>();
  }
  async watch(onChange: (path: string) => void): Promise<() => void> {
    return () => onChange("");
  }
  async upload(): Promise<number> {
    return 1;
  }
  async *keys(): AsyncGenerator<string> {
    yield "a";
  }
}

export function implementingHost(): void {
  host.implement(new HostImplementation());
  host.implement(() => new HostImplementation());
  host.implement(async () => new HostImplementation());
  host.implement({
    db: () => reference(new Db()),
    dbLater: async () => reference(new Db()),
    id: async <T>(x: T) => x,
    over: (async (a: unknown) => a) as Host["over"],
    open: async () => new ReadableStream<Uint8Array>(),
    watch: async (onChange: (path: string) => void) => () => onChange(""),
    upload: async () => 1,
    async *keys() {
      yield "a";
    },
  });
}

// Two versions of one contract are two types.
interface First {
  greet(name: string): Promise<string>;
}
interface Second {
  greet(name: string, tongue: string): Promise<string>;
}
export async function versions(first: Contract<First>, second: Contract<Second>): Promise<void> {
  await plugin.dispense(second).greet("a", "b");
  // @ts-expect-error one argument in version 1
  await plugin.dispense(first).greet("a", "b");
}

export type { Held, Implementation };
