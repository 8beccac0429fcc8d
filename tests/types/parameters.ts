// Checked by tsc and deno check, never run: the types that parameters get which are written without one, at every depth.
import {
  type Contract,
  callback,
  contract,
  type Held,
  type Implementation,
  method,
  type Remote,
  referenceTo,
} from "@plugwire/plugwire";
import * as v from "valibot";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}

type Visit = (n: number) => void;
interface Row {
  each(visit: Visit): void;
  plain(n: number): number;
  test(want: (row: Row, n: number) => boolean): boolean;
}
interface Table {
  row(like: Row): Promise<Row>;
  rows(): Row[];
  byName(): Map<string, Row>;
  stream(): AsyncIterable<Row>;
  mixed(): { readonly tag: string; readonly each: Row["each"] };
  maybe(): Row | undefined;
  fn(): (visit: Visit, row: Row) => Row;
}
interface Database {
  open(name: string): Table;
  later(name: string): Promise<Table>;
}
const database: Contract<Database> = contract<Database>("database");

const rows: Contract<Row> = contract<Row>("row");
declare const row: Implementation<Row>;
declare const table: Implementation<Table>;

export function implementing(): void {
  database.implement({
    open: (name) => {
      is<Eq<typeof name, string>>();
      return {
        row: async (like) => {
          is<Eq<typeof like, Held<Row>>>();
          return {
            each: (visit) => is<Eq<typeof visit, Held<Visit>>>(),
            plain: (n) => n + 1,
            test: (want) => {
              is<Eq<ReturnType<typeof want>, Promise<boolean>>>();
              return want(like, 1);
            },
          };
        },
        rows: () => [{ ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() }],
        byName: () => new Map(),
        async *stream() {
          yield { ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() };
        },
        mixed: () => ({ tag: "", each: (visit) => is<Eq<typeof visit, Held<Visit>>>() }),
        maybe: () => ({ ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() }),
        fn: () => (visit, given) => {
          is<Eq<typeof visit, Held<Visit>>>();
          is<Eq<typeof given, Held<Row>>>();
          return row;
        },
      };
    },
    later: async () => ({
      ...table,
      maybe: async () => ({ ...row, each: async (visit) => is<Eq<ReturnType<typeof visit>, Promise<void>>>() }),
    }),
  });
  // From factories.
  database.implement(() => ({
    open: () => ({ ...table, row: (like) => ({ ...row, each: (visit) => like.each(visit) }) }),
    later: async () => ({ ...table, row: async (like) => ({ ...row, plain: (n) => like.plain(n) }) }),
  }));
  database.implement(async () => ({
    open: () => ({ ...table, row: (like) => ({ ...row, each: (visit) => like.each(visit) }) }),
    later: async () => ({ ...table, row: async (like) => ({ ...row, plain: (n) => like.plain(n) }) }),
  }));
  // What is declared by the interface will do, too.
  database.implement({ open: () => ({}) as Table, later: async () => ({}) as Table });
  database.implement({
    // @ts-expect-error a method is missing
    open: () => ({ rows: () => [] }),
    later: async () => ({}) as Table,
  });
  rows.implement({
    each: (visit) => {
      // @ts-expect-error an argument of another type
      void visit("1");
    },
    plain: (n) => n,
    // @ts-expect-error a result of another type
    test: () => "yes",
  });
}

export async function calling(proxy: Remote<Database>, host: Remote<Host>): Promise<void> {
  const like = await proxy.open("a").row({
    each: (visit) => is<Eq<typeof visit, Held<Visit>>>(),
    plain: (n) => n,
    test: (want) => want({ ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() }, 1),
  });
  await like.test((given, n) => {
    is<Eq<typeof given, Held<Row>>>();
    return n > 1;
  });
  // Where the interface gives promises.
  await host.add({ ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() });
  await host.on((given, done) => {
    is<Eq<typeof given, Held<Row>>>();
    is<Eq<ReturnType<typeof done>, Promise<boolean>>>();
  });
}
interface Host {
  add(row: Row): Promise<void>;
  on(listener: (row: Row, done: (ok: boolean) => boolean) => void): Promise<void>;
}

// From schemas.
const inner = contract("inner", {
  each: method([callback([v.number()])]),
  pick: method([callback([v.string()], v.boolean())], v.boolean()),
});
const outer = contract("outer", { open: method([], referenceTo(inner)), add: method([referenceTo(inner)]) });
export async function fromSchemas(proxy: Remote<{ add(of: Row): void }>): Promise<void> {
  outer.implement({
    open: () => ({
      each: (visit) => {
        is<Eq<Parameters<typeof visit>, [number]>>();
        is<Eq<ReturnType<typeof visit>, Promise<void>>>();
      },
      pick: (want) => want("a"),
    }),
    add: async (other) => void (await other.pick((name) => name === "a")),
  });
  outer.implement(async () => ({
    open: async () => ({
      each: async (visit) => await visit(1),
      pick: async (want) => {
        is<Eq<ReturnType<typeof want>, Promise<boolean>>>();
        return await want("a");
      },
    }),
    add: () => {},
  }));
  await proxy.add({ ...row, each: (visit) => is<Eq<typeof visit, Held<Visit>>>() });
}

// Type parameters, and overloads.
interface Generic {
  id<T>(value: T): Promise<T>;
  first<T extends { id: number }>(values: readonly T[], n: number): T;
  map<T>(change: (name: string) => T, n: number): Promise<T[]>;
  over(a: string): Promise<string>;
  over(a: number): Promise<number>;
  nested(): Pick<Generic, "id" | "first">;
}
const generic: Contract<Generic> = contract<Generic>("generic");
export function typeParameters(): void {
  generic.implement({
    id: async (value) => value,
    first: (values, n) => {
      is<Eq<typeof n, number>>();
      return values[n] as (typeof values)[number];
    },
    map: async (change, n) => {
      is<Eq<typeof n, number>>();
      is<Eq<Parameters<typeof change>, [string]>>();
      return [await change("a")] as never;
    },
    over: async (a) => {
      is<Eq<typeof a, string | number>>();
      return a as never;
    },
    nested: () => ({
      // Its answer may be there at once.
      id: (value) => value,
      first: async (values, n) => values[n] as (typeof values)[number],
    }),
  });
  generic.implement({
    id: async <T>(value: T): Promise<T> => value,
    first: <T extends { id: number }>(values: readonly T[]): T => values[0] as T,
    map: async <T>(change: (name: string) => T | Promise<T>): Promise<T[]> => [await change("a")],
    over: (async (a: unknown) => a) as Generic["over"],
    nested: () => ({
      id: async <T>(value: T): Promise<T> => value,
      first: <T>(values: readonly T[]): T => values[0] as T,
    }),
  });
}

// What a caller holds is an implementation of the interface where that gives promises.
interface Later {
  add(row: Row): Promise<void>;
  each(visit: (n: number) => void): Promise<void>;
  id<T>(value: T): Promise<T>;
}
export function asInterface(proxy: Remote<Later>): Later {
  return proxy;
}
