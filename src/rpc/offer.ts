import { type Served, servedParts } from "../contract/mod.ts";
import type { OfferedContract } from "./hello.ts";

/**
 * What a hello says of what is served: each contract with its methods. Those of a factory whose contract has types alone
 * are not known before it is called: `null`.
 */
export function offerOf(served: readonly Served[]): OfferedContract[] {
  return served.map((one) => {
    const { name, names } = servedParts(one);
    return { name, methods: names ?? null };
  });
}
