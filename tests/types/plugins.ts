// Checked by tsc and deno check, never run: interfaces through a launched plugin, and versions of a contract.
import { bytes, type Contract, contract, launch, method } from "@plugwire/plugwire";
import * as v from "valibot";
import type { Host } from "./views.ts";

export const host: Contract<Host> = contract<Host>(
  "host",
  { upload: method([bytes()], v.number()) },
  { partial: true },
);
// @ts-expect-error schema of the wrong type
contract<Host>("host", { upload: method([v.number()], v.number()) }, { partial: true });

export async function calling(): Promise<void> {
  await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
  const proxy = plugin.dispense(host);
  const count: number = await proxy.db().table("users").count();
  const one: number = await proxy.id(1);
  const [text, number]: [string, number] = [await proxy.over("x"), await proxy.over(1)];
  await proxy.upload(new ReadableStream<Uint8Array>());
  void [count, one, text, number];
}

interface First {
  greet(name: string): Promise<string>;
}
interface Second {
  greet(name: string, tongue: string): Promise<string>;
}
const first: Contract<First> = contract<First>("greeter");
const second: Contract<Second> = contract<Second>("greeter");
export async function versions(): Promise<void> {
  await using plugin = await launch("./x", { versions: { 1: { greeter: first }, 2: { greeter: second } } });
  if (plugin.version === 2) {
    await plugin.dispense(plugin.contracts.greeter).greet("a", "b");
    return;
  }
  const proxy = plugin.dispense(plugin.contracts.greeter);
  await proxy.greet("a");
  // @ts-expect-error one argument in version 1
  await proxy.greet("a", "b");
}
