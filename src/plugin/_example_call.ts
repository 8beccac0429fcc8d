import { type Method, type Served, type StandardSchema, servedParts } from "../contract/mod.ts";
import type { ExampleCall } from "../handshake/mod.ts";

/** Values that one of most schemas takes, in the order they are tried. */
const candidates: readonly unknown[] = ["World", 1, true, [], {}, null];

/**
 * Finds a call that the contracts allow, for somebody to try: the first method whose schemas all take one of a few plain
 * values.
 *
 * @returns `undefined` when there is none, or no contract has schemas.
 */
export function exampleCall(served: readonly Served[]): ExampleCall | undefined {
  for (const one of served) {
    const { name: contract, contract: facts } = servedParts(one);
    for (const [method, description] of facts.methods ?? []) {
      const args = exampleArguments(description);
      if (args !== undefined) return { contract, method, args };
    }
  }
  return undefined;
}

function exampleArguments({ args: schemas }: Method): readonly string[] | undefined {
  const count = schemas.findLastIndex((schema) => !takes(schema, undefined)) + 1;
  const words: string[] = [];
  for (const schema of schemas.slice(0, count)) {
    const value = candidates.find((candidate) => takes(schema, candidate));
    if (value === undefined) return undefined;
    words.push(typeof value === "string" ? value : JSON.stringify(value));
  }
  return words;
}

function takes(schema: StandardSchema, value: unknown): boolean {
  try {
    const result = schema["~standard"].validate(value);
    // One that answers later is not waited for: the process is about to end.
    if (result instanceof Promise) {
      result.catch(() => {});
      return false;
    }
    return result.issues === undefined;
  } catch {
    // A schema that throws does not take the value.
    return false;
  }
}
