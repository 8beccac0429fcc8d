import { type Method, type Served, servedParts, signaturesOf } from "../contract/mod.ts";
import { type MethodNotes, maxDescription, type OfferedContract } from "./hello.ts";

/**
 * What a hello says of what is served: each contract with its methods and what is said of them. Those of a factory whose contract has types alone
 * are not known before it is called: `null`.
 */
export function offerOf(served: readonly Served[]): OfferedContract[] {
  return served.map((one) => {
    const { name, names, contract, isFactory } = servedParts(one);
    const about = notesOn(contract.methods);
    const signatures = signaturesOf(contract);
    return {
      name,
      methods: names ?? null,
      ...(isFactory ? {} : { shared: true }),
      ...(about === undefined ? {} : { about }),
      ...(Object.keys(signatures).length === 0 ? {} : { signatures }),
    };
  });
}

/**
 * The same of what is served by protocol version, for a hello that is said before the version is chosen: each contract names the
 * versions that it stands for. One that is the same in several is there once.
 */
export function offerByVersion(served: ReadonlyMap<number, readonly Served[]>): OfferedContract[] {
  const versionsOf = new Map<Served, number[]>();
  for (const [version, list] of served) {
    for (const one of list) {
      const known = versionsOf.get(one);
      if (known === undefined) versionsOf.set(one, [version]);
      else known.push(version);
    }
  }
  return [...versionsOf].map(([one, versions]) => ({ ...offerOf([one])[0]!, versions }));
}

/** What of an offer stands in a protocol version. */
export function offerAt(contracts: readonly OfferedContract[], version: number): readonly OfferedContract[] {
  return contracts.filter(({ versions }) => versions === undefined || versions.includes(version));
}

function notesOn(methods: ReadonlyMap<string, Method> | undefined): OfferedContract["about"] {
  const noted = [...(methods ?? [])].flatMap(([method, facts]) => {
    const notes = notesOf(facts);
    return notes === undefined ? [] : [[method, notes] as const];
  });
  return noted.length === 0 ? undefined : Object.fromEntries(noted);
}

function notesOf({ description, idempotent }: Method): MethodNotes | undefined {
  if (!description && !idempotent) return undefined;
  return {
    ...(description ? { description: description.slice(0, maxDescription).toWellFormed() } : {}),
    ...(idempotent ? { idempotent } : {}),
  };
}
