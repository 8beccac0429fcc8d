// Checked by tsc and deno check, never run: what compiles here, and what must not.
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { type Contract, contract, method, type Remote } from "../../src/contract/mod.ts";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}
declare const plugin: { dispense<T, I>(contract: Contract<T, I>): Remote<T> };

// From schemas of three libraries.
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

export function implementing(): void {
  greeter.implement({
    greet: (name) => name.toUpperCase(),
    add: (a, b) => a + b,
    ping() {},
    when: (date) => new Date(date.getTime()),
  });
  greeter.implement((peer) => {
    const other = peer.dispense(greeter);
    return { greet: async (name) => await other.greet(name), add: (a, b) => a + b, ping() {}, when: (date) => date };
  });
  greeter.implement({
    // @ts-expect-error the result has the wrong type
    greet: (name) => name.length,
    add: (a, b) => a + b,
    ping() {},
    when: (date) => date,
  });
  // @ts-expect-error a method is missing
  greeter.implement({ greet: (name) => name, add: (a, b) => a + b, ping() {} });
}

export async function calling(): Promise<void> {
  const proxy = plugin.dispense(greeter);
  is<Eq<Awaited<ReturnType<typeof proxy.greet>>, string>>();
  is<Eq<Awaited<ReturnType<typeof proxy.ping>>, void>>();
  await proxy.add(1);
  await proxy.add(1, 2);
  const when: Date = await proxy.when("2026-01-01");
  void when;
  // @ts-expect-error the caller passes what the schema takes, not what it gives
  await proxy.when(new Date());
  // @ts-expect-error an argument of the wrong type
  await proxy.greet(5);
  // @ts-expect-error no such method
  await proxy.gret("a");
  // @ts-expect-error an argument too many
  await proxy.greet("a", "b");
}

// From an interface, in the form that JSR accepts.
export interface Greeter {
  /** Greets. */
  greet(name: string): Promise<string>;
  add(a: number, b?: number): Promise<number>;
  pick(names: string[], want: (name: string) => Promise<boolean>): Promise<string | undefined>;
}
export interface Plain {
  /** No method, so that it needs no schema. */
  readonly tongue: string;
  greet(name: string): Promise<string>;
  add(a: number, b?: number): Promise<number>;
}
export const typed: Contract<Plain> = contract<Plain>("greeter", {
  greet: method([v.string()], v.string()),
  add: method([v.number(), v.optional(v.number())], v.number()),
});
export const partial: Contract<Greeter> = contract<Greeter>(
  "greeter",
  { greet: method([v.string()], v.string()) },
  { partial: true },
);
export const typesOnly: Contract<Greeter> = contract<Greeter>("greeter");

export async function callingTyped(): Promise<void> {
  const proxy = plugin.dispense(partial);
  await proxy.greet("x");
  await plugin.dispense(typed).add(1);
  await proxy.pick([], async () => true);
  const greet: (name: string) => Promise<string> = proxy.greet;
  void greet;
}

// @ts-expect-error without `partial` a method that is not listed would not be served
contract<Greeter>("greeter", { greet: method([v.string()], v.string()) });
// @ts-expect-error the same
contract<Greeter>("greeter", {});
// @ts-expect-error the same
contract<Greeter>("greeter", { greet: method([v.string()], v.string()) }, { partial: false });
// @ts-expect-error schema of the wrong type
contract<Greeter>("greeter", { greet: method([v.number()], v.string()) }, { partial: true });
// @ts-expect-error the result is not described, so it would be dropped
contract<Greeter>("greeter", { greet: method([v.string()]) }, { partial: true });
// @ts-expect-error not a method of the interface
contract<Greeter>("greeter", { gret: method([v.string()], v.string()) }, { partial: true });
// @ts-expect-error a schema in place of a method
contract("greeter", { greet: v.string() });
