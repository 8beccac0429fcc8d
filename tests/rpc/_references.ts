import assert from "node:assert/strict";
import { type Contract, contract, type Served } from "../../mod.ts";
import type { Dispensed, RpcSession } from "../../src/rpc/mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";
import type { LinkKind } from "../support/links.ts";
import { openSide, type SideOptions } from "./_sessions.ts";

/** Two sides, and a proxy of what the plugin serves. */
export interface Lab<T> {
  readonly host: RpcSession;
  readonly plugin: RpcSession;
  readonly lab: Dispensed<T>;
}

/** Where links of the tests come from when nothing is said. */
export const inMemory: LinkKind = { name: "memory", make: async () => memoryLinks() };

/**
 * Opens two sides, of which the plugin serves an implementation of types alone, and checks that nothing is left when the test
 * has ended.
 */
export async function inLab<T extends object>(
  implementation: object,
  test: (opened: Lab<T>) => Promise<void>,
  options: { readonly link?: LinkKind; readonly plugin?: SideOptions; readonly host?: SideOptions } = {},
): Promise<void> {
  await inContract(contract<T>("lab"), implementation, test, options);
}

/** The same with a contract. */
export async function inContract<T, I>(
  made: Contract<T, I>,
  implementation: object,
  test: (opened: Lab<T>) => Promise<void>,
  options: { readonly link?: LinkKind; readonly plugin?: SideOptions; readonly host?: SideOptions } = {},
): Promise<void> {
  const [left, right] = await (options.link ?? inMemory).make();
  const serves = [made.implement(implementation as never)];
  const plugin = openSide("plugin", right, { ...options.plugin, serves });
  const host = openSide("host", left, options.host);
  await host.opened;
  try {
    await test({ host, plugin, lab: host.dispense(made) });
    assert.equal(host.counts.streams, 0, "streams");
  } finally {
    host.close();
    await Promise.all([host.closed, plugin.closed]);
  }
  for (const { counts } of [host, plugin]) assert.deepEqual([counts.exports, counts.imports], [0, 0]);
}

/** Waits until neither side holds anything of the other: releases take a turn to arrive. */
export async function nothingHeld(...sessions: readonly RpcSession[]): Promise<void> {
  await held(0, ...sessions);
}

/** Waits until the sides hold so many references of each other, all together. */
export async function held(count: number, ...sessions: readonly RpcSession[]): Promise<void> {
  const sum = (): number => sessions.reduce((sum, { counts }) => sum + counts.exports + counts.imports, 0);
  // A ping goes there and back behind all that was sent before it.
  for (let turn = 0; turn < 20 && sum() !== count; turn++) await Promise.all(sessions.map((one) => one.ping()));
  assert.equal(sum(), count, "references held");
}

/** Two sides joined in memory that have greeted each other; the plugin serves these. */
export async function inMemoryPair(serves: readonly Served[]): Promise<{ host: RpcSession; plugin: RpcSession }> {
  const [left, right] = memoryLinks();
  const plugin = openSide("plugin", right, { serves });
  const host = openSide("host", left);
  await host.opened;
  return { host, plugin };
}
