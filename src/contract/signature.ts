import { jsonSchemaText } from "./_json_schema_text.ts";
import { listText, orUndefined, Scribe, type TypeText } from "./_type_text.ts";
import { valibotText } from "./_valibot_text.ts";
import type { ContractFacts } from "./contract.ts";
import type { Method } from "./method.ts";
import { shapeOf, wrappedIn } from "./shape.ts";
import type { StandardSchema } from "./standard_schema.ts";

/** Longest signature, in UTF-16 units; a longer one is cut, and ends in a hash of all of it. */
export const maxSignature = 500;

const known = new WeakMap<ContractFacts, Readonly<Record<string, string>>>();

/**
 * A short text about each method of a contract that has schemas: what crosses when it is called, before the receiving side transforms
 * it. Made when it is first asked for, and once. PROTOCOL.md §7.1.
 *
 * @example `{ greet: "(string, number?) => string" }`
 */
export function signaturesOf(contract: ContractFacts): Readonly<Record<string, string>> {
  let made = known.get(contract);
  if (made === undefined) {
    made = Object.fromEntries([...(contract.methods ?? [])].map(([name, method]) => [name, signatureOf(method)]));
    known.set(contract, made);
  }
  return made;
}

/** The text about one method: `(string, number?) => string`. */
export function signatureOf(method: Method): string {
  const text = write(method, new Scribe()).toWellFormed();
  if (text.length <= maxSignature) return text;
  const hash = ` … #${hashOf(text)}`;
  return text.slice(0, maxSignature - hash.length).toWellFormed() + hash;
}

function write(method: Method, scribe: Scribe): string {
  const args = method.args.map((schema) => read(schema, scribe));
  const result = method.returns === undefined ? { text: "void", optional: false } : read(method.returns, scribe);
  const gives = result.optional ? orUndefined(result.text) : result.text;
  return `(${listText(args)}) => ${gives}${thrown(method, scribe)}`;
}

function thrown({ errors = {} }: Method, scribe: Scribe): string {
  const texts = Object.entries(errors).map(([code, schema]) => `${code}(${read(schema, scribe).text})`);
  return texts.length === 0 ? "" : ` throws ${texts.sort().join(", ")}`;
}

function read(schema: unknown, scribe: Scribe): TypeText {
  if (!isStandard(schema)) return unknownType;
  const shape = shapeOf(schema);
  const wrapped = wrappedIn(schema);
  if (wrapped !== undefined) return { text: read(wrapped, scribe).text, optional: true };
  switch (shape?.kind) {
    case "callback":
      return needed(scribe.within(schema, () => `callback${write(shape.method, scribe)}`));
    case "stream":
      return needed(scribe.within(schema, () => `stream<${read(shape.item, scribe).text}>`));
    case "bytes":
      return needed("bytes");
    case "reference":
      return needed(`reference<${shape.contract.name}>`);
  }
  const standard = schema["~standard"];
  try {
    if (standard.vendor === "valibot") return valibotText(schema, scribe, (inner) => read(inner, scribe));
    const text = jsonSchemaText(standard, scribe);
    return text === undefined ? unknownType : { text, optional: takesUndefined(schema) };
  } catch {
    // What its library cannot put as JSON Schema has no text; that is no fault of the contract's.
    return unknownType;
  }
}

const unknownType: TypeText = { text: "unknown", optional: false };

function needed(text: string): TypeText {
  return { text, optional: false };
}

/** JSON Schema has no word for it. */
function takesUndefined(schema: StandardSchema): boolean {
  const result = schema["~standard"].validate(undefined);
  if (!("then" in result)) return result.issues === undefined;
  // One that takes its time is not waited for, and whatever it finds is not asked.
  Promise.resolve(result).catch(() => {});
  return false;
}

function isStandard(value: unknown): value is StandardSchema {
  return typeof (value as Partial<StandardSchema> | undefined | null)?.["~standard"] === "object";
}

/** FNV-1a of 64 bits over the UTF-16 units, as 16 hexadecimal digits: it tells texts apart, and keeps no secret. */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
