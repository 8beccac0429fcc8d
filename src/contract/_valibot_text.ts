import {
  arrayText,
  intersectionText,
  literalText,
  objectText,
  type Scribe,
  type TypeText,
  tupleText,
  unionText,
} from "./_type_text.ts";

/** The public properties of valibot's schemas, as far as they tell what one takes. */
interface Valibot {
  readonly type: string;
  readonly wrapped?: unknown;
  readonly item?: unknown;
  readonly items?: readonly unknown[];
  readonly rest?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly class?: { readonly name?: string };
  readonly getter?: unknown;
}

type Read = (schema: unknown) => TypeText;

const optionals: ReadonlySet<string> = new Set(["optional", "exact_optional", "undefinedable", "nullish"]);
const same: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  boolean: "boolean",
  bigint: "bigint",
  symbol: "symbol",
  undefined: "undefined",
  void: "void",
  null: "null",
  never: "never",
  nan: "number",
  date: "Date",
  blob: "Blob",
  file: "File",
  function: "function",
};

/** What a schema of valibot takes. @param read Reads a schema within it. */
export function valibotText(given: object, scribe: Scribe, read: Read): TypeText {
  const schema = given as Valibot;
  const optional = optionals.has(schema.type) || schema.type === "undefined" || schema.type === "void";
  // A lazy schema makes what it stands for anew each time; its getter stays.
  const part = schema.getter ?? schema;
  return { text: scribe.within(part, () => textOf(schema, read)), optional };
}

function textOf(schema: Valibot, read: Read): string {
  const { type, wrapped, item, items = [], rest, entries = {}, options = [] } = schema;
  const text = (inner: unknown): string => read(inner).text;
  const simple = same[type];
  if (simple !== undefined) return simple;
  switch (type) {
    case "optional":
    case "exact_optional":
    case "undefinedable":
    case "non_optional":
    case "non_nullable":
    case "non_nullish":
      return text(wrapped);
    case "nullable":
    case "nullish":
      return unionText([text(wrapped), "null"]);
    case "literal":
      return literalText(schema.literal);
    case "picklist":
    case "enum":
      return unionText(options.map(literalText));
    case "union":
    case "variant":
      return unionText(options.map(text));
    case "intersect":
      return intersectionText(options.map(text));
    case "array":
      return arrayText(text(item));
    case "tuple":
    case "loose_tuple":
    case "strict_tuple":
    case "tuple_with_rest":
      return tupleText(items.map(read), rest === undefined ? undefined : text(rest));
    case "object":
    case "loose_object":
    case "strict_object":
    case "object_with_rest": {
      const fields = Object.entries(entries).map(([name, field]) => [name, read(field)] as const);
      return objectText(fields, rest === undefined ? undefined : text(rest));
    }
    case "record":
    case "map":
      return `${type === "map" ? "Map" : "Record"}<${text(schema.key)}, ${text(schema.value)}>`;
    case "set":
      return `Set<${text(schema.value)}>`;
    case "instance":
      return schema.class?.name || "unknown";
    case "lazy":
      return typeof schema.getter === "function" ? text(schema.getter(undefined)) : "unknown";
    default:
      return "unknown";
  }
}
