// Checked by tsc and deno check, never run: names of a contract's proxy and of what implements it.
import {
  callback,
  contract,
  type Dispensed,
  type ImplementationOf,
  inProcess,
  method,
  type ProxyOf,
} from "@plugwire/plugwire";
import * as v from "valibot";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_T extends true>(): void {}

interface Clock {
  now(): Date;
  each(visit: (ms: number) => void): Promise<void>;
}
const clock = contract<Clock>("clock");
const greeter = contract("greeter", {
  greet: method([v.pipe(v.string(), v.transform(Number))], v.string()),
  each: method([callback([v.string()])]),
});

is<Eq<ProxyOf<typeof clock>, Dispensed<Clock>>>();

class Greeter implements ImplementationOf<typeof greeter> {
  greet(times: number): string {
    return "hello ".repeat(times);
  }
  async each(visit: (name: string) => Promise<void>): Promise<void> {
    await visit("a");
  }
}
class LocalClock implements ImplementationOf<typeof clock> {
  now(): Date {
    return new Date();
  }
  async each(visit: (ms: number) => Promise<void>): Promise<void> {
    await visit(1);
  }
}
class Wrong implements ImplementationOf<typeof greeter> {
  // @ts-expect-error the implementation gets what the schema gives
  greet(name: string): string {
    return name;
  }
  async each(): Promise<void> {}
}
void Wrong;

async function use(proxy: ProxyOf<typeof greeter>, times: ProxyOf<typeof clock>): Promise<void> {
  using held = proxy;
  const text: string = await held.greet("3");
  await times.each((ms) => void (ms + text.length));
  // @ts-expect-error the caller passes what the schema takes
  await held.greet(3);
  // @ts-expect-error the methods are those of the contract's implementation, not of the contract
  void held.implement;
}

export async function passed(): Promise<void> {
  await using plugin = await inProcess(greeter.implement(new Greeter()), clock.implement(new LocalClock()));
  await use(plugin.dispense(greeter), plugin.dispense(clock));
}

// @ts-expect-error no contract
export type None = ProxyOf<Clock>;
