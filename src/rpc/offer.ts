import { type Method, type Served, servedParts } from "../contract/mod.ts";
import { type MethodNotes, maxDescription, type OfferedContract } from "./hello.ts";

/**
 * What a hello says of what is served: each contract with its methods. Those of a factory whose contract has types alone
 * are not known before it is called: `null`.
 */
export function offerOf(served: readonly Served[]): OfferedContract[] {
  return served.map((one) => {
    const { name, names, contract, isFactory } = servedParts(one);
    const noted = [...(contract.methods ?? [])].flatMap(([method, facts]) => {
      const notes = notesOf(facts);
      return notes === undefined ? [] : [[method, notes] as const];
    });
    const offered = { name, methods: names ?? null, ...(isFactory ? {} : { shared: true }) };
    return noted.length === 0 ? offered : { ...offered, about: Object.fromEntries(noted) };
  });
}

function notesOf({ description, idempotent }: Method): MethodNotes | undefined {
  if (!description && !idempotent) return undefined;
  return {
    ...(description ? { description: description.slice(0, maxDescription).toWellFormed() } : {}),
    ...(idempotent ? { idempotent } : {}),
  };
}
