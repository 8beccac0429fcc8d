// Checked by tsc and deno check, never run: what becomes of a type on its way to the other side.
import {
  type Contract,
  contract,
  DeclaredError,
  declaredError,
  type Held,
  type IsReference,
  isDeclaredError,
  type Received,
  type Remote,
  type RemoteIterator,
  type Sent,
} from "@plugwire/plugwire";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}
declare const plugin: { dispense<T, I>(contract: Contract<T, I>): Remote<T> };

interface Options {
  readonly filter: (name: string) => boolean;
  readonly limit: number;
}
interface Counter {
  count(): number;
}
interface Nested {
  readonly list: readonly { readonly visit: (name: string) => void }[];
  readonly tag: string;
}
interface Tree {
  readonly name: string;
  readonly kids: readonly Tree[];
}

export function kinds(): void {
  is<Eq<IsReference<Counter>, true>>();
  is<Eq<IsReference<() => void>, true>>();
  // Data and functions together cross by value, the functions by reference.
  is<Eq<IsReference<Options>, false>>();
  is<Eq<IsReference<object>, false>>();
  is<Eq<IsReference<Record<never, never>>, false>>();
  is<Eq<IsReference<Disposable>, false>>();
  is<Eq<IsReference<Promise<number>>, false>>();
  is<Eq<IsReference<Date>, false>>();
  is<Eq<IsReference<unknown>, false>>();
}

export function received(): void {
  const options = {} as Received<Options>;
  is<Eq<typeof options.limit, number>>();
  const wanted: Promise<boolean> = options.filter("a");
  options.filter[Symbol.dispose]();
  void wanted;
  const nested = {} as Received<Nested>;
  const visited: Promise<void> | undefined = nested.list[0]?.visit("a");
  void visited;
  const map = {} as Received<Map<string, () => number>>;
  const called: Promise<number> | undefined = map.get("a")?.();
  void called;
  const tuple = {} as Received<[() => number, string]>;
  const first: Promise<number> = tuple[0]();
  is<Eq<(typeof tuple)[1], string>>();
  void first;
  // Data is left as it is, word for word.
  is<Eq<Received<Tree>, Tree>>();
  is<Eq<Received<unknown>, unknown>>();
  is<Eq<Received<Date | undefined>, Date | undefined>>();
  is<Eq<Received<ReadableStream<Uint8Array>>, ReadableStream<Uint8Array>>>();
  is<Eq<Received<AsyncGenerator<string>>, RemoteIterator<string>>>();
  is<Eq<Received<Counter | undefined>, Held<Counter> | undefined>>();
  is<Eq<Sent<Tree>, Tree>>();
}

interface Searcher {
  find(options: Options): Promise<string[]>;
  each(visit: (name: string) => void): Promise<void>;
  map<T>(change: (name: string) => T): Promise<T[]>;
  info(): Promise<{ readonly name: string; stop(): void }>;
  counter?(): Counter;
}
const searcher: Contract<Searcher> = contract<Searcher>("searcher");

export async function calling(): Promise<void> {
  const proxy = plugin.dispense(searcher);
  await proxy.find({ filter: (name) => name === "a", limit: 3 });
  await proxy.find({ filter: async (name) => name === "a", limit: 3 });
  // @ts-expect-error the data beside the function is checked
  await proxy.find({ filter: (name) => name === "a", limit: "3" });
  await proxy.each((name) => console.log(name.length));
  await proxy.each(async (name) => console.log(name.length));
  // Type parameters are kept beside callbacks.
  const lengths: number[] = await proxy.map((name) => name.length);
  const info = await proxy.info();
  is<Eq<typeof info.name, string>>();
  using stop = info.stop;
  await stop();
  const count: number | undefined = await proxy.counter?.().count();
  void [lengths, count];
}

export function implementing(): void {
  searcher.implement({
    async find({ filter, limit }) {
      is<Eq<typeof limit, number>>();
      return (await filter("a")) ? ["a"] : [];
    },
    async each(visit) {
      await visit("a");
    },
    map: async (change) => [await change("a")] as never,
    info: async () => ({ name: "a", stop() {} }),
    counter: () => ({ count: async () => 1 }),
  });
  searcher.implement({
    async find({ filter }) {
      // @ts-expect-error a callback's answer is a promise here, which is always true
      return filter("a") ? ["a"] : [];
    },
    each: () => {},
    map: async () => [],
    info: async () => ({ name: "a", stop() {} }),
  });
}

const errors = { notFound: v.object({ id: v.number() }), busy: z.string().optional(), gone: type("number") };
export function declared(thrown: unknown): void {
  if (isDeclaredError(thrown, errors, "notFound")) {
    is<Eq<typeof thrown.data.id, number>>();
    is<Eq<typeof thrown.code, "notFound">>();
  }
  if (isDeclaredError(thrown, errors, "busy")) is<Eq<typeof thrown.data, string | undefined>>();
  if (isDeclaredError(thrown, errors, "gone")) is<Eq<typeof thrown.data, number>>();
  if (thrown instanceof DeclaredError) is<Eq<typeof thrown.code, string>>();
  throw declaredError(errors, "notFound", { id: 1 });
}
export function declaring(): readonly Error[] {
  // @ts-expect-error data of another type
  declaredError(errors, "notFound", { id: "1" });
  // @ts-expect-error data left out that must be there
  declaredError(errors, "notFound");
  // @ts-expect-error not declared
  declaredError(errors, "unheardOf");
  return [declaredError(errors, "busy"), declaredError(errors, "busy", "with what", "it is busy")];
}
