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

type Json = Readonly<Record<string, unknown>>;
/** Of Standard JSON Schema: what a library offers beside `validate`. */
interface Offer {
  readonly input?: (options: {
    readonly target: string;
    readonly libraryOptions: Readonly<Record<string, unknown>>;
  }) => unknown;
}

/** Where we note a type that JSON has not. */
const note = "x-plugwire-type";
const notInJson: Readonly<Record<string, string>> = {
  date: "Date",
  bigint: "bigint",
  undefined: "undefined",
  void: "void",
  nan: "number",
  symbol: "symbol",
  map: "Map",
  set: "Set",
  function: "function",
  file: "File",
};

/** What a schema takes, by the JSON Schema that its library offers (zod 4.2, arktype); `undefined` when it offers none. */
export function jsonSchemaText(standard: object, scribe: Scribe): string | undefined {
  const { jsonSchema } = standard as { readonly jsonSchema?: Offer };
  if (typeof jsonSchema?.input !== "function") return undefined;
  const root = jsonSchema.input({ target: "draft-2020-12", libraryOptions });
  return isJson(root) ? textOf(root, root, scribe) : undefined;
}

/** For zod. Without `reused` it writes a schema that stands in two places twice, which may double with every level. */
const libraryOptions = { unrepresentable: "any", reused: "ref", override };

/** zod asks this of every schema within; other libraries do not know the option. */
function override(asked: unknown): void {
  const { zodSchema, jsonSchema } = (asked ?? {}) as {
    readonly zodSchema?: { readonly _zod?: { readonly def?: { readonly type?: unknown } } };
    readonly jsonSchema?: Record<string, unknown>;
  };
  const type = zodSchema?._zod?.def?.type;
  if (jsonSchema === undefined || typeof type !== "string" || !Object.hasOwn(notInJson, type)) return;
  jsonSchema[note] = notInJson[type];
}

function textOf(schema: unknown, root: Json, scribe: Scribe): string {
  if (schema === false) return "never";
  if (!isJson(schema)) return "unknown";
  return scribe.within(schema, () => write(schema, root, scribe));
}

function write(schema: Json, root: Json, scribe: Scribe): string {
  const text = (inner: unknown): string => textOf(inner, root, scribe);
  const list = (key: string): readonly unknown[] | undefined => {
    const value = schema[key];
    return Array.isArray(value) ? value : undefined;
  };
  const noted = schema[note];
  if (typeof noted === "string") return noted;
  if (typeof schema.$ref === "string") return text(referred(schema.$ref, root));
  if ("const" in schema) return literalText(schema.const);
  const { type } = schema;
  const options = list("anyOf") ?? list("oneOf");
  if (list("enum") !== undefined) return unionText(list("enum")!.map(literalText));
  if (options !== undefined) return unionText(options.map(text));
  if (list("allOf") !== undefined) return intersectionText(list("allOf")!.map(text));
  if (isJson(schema.not) && Object.keys(schema.not).length === 0) return "never";
  if (Array.isArray(type)) return unionText(type.map((one) => text({ ...schema, type: one })));
  if (type === "integer") return "number";
  if (type === "array") return arrayOf(schema, text);
  if (type === "object") return objectOf(schema, text);
  return type === "string" || type === "number" || type === "boolean" || type === "null" ? type : "unknown";
}

function arrayOf({ prefixItems, items, minItems }: Json, text: (inner: unknown) => string): string {
  if (!Array.isArray(prefixItems)) return arrayText(items === undefined ? "unknown" : text(items));
  const needed = typeof minItems === "number" ? minItems : prefixItems.length;
  const parts = prefixItems.map((item, i): TypeText => ({ text: text(item), optional: i >= needed }));
  return tupleText(parts, items === undefined || items === false ? undefined : text(items));
}

function objectOf(schema: Json, text: (inner: unknown) => string): string {
  const { properties, additionalProperties: others, propertyNames } = schema;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const fields = Object.entries(isJson(properties) ? properties : {}).map(([name, field]) => {
    return [name, { text: text(field), optional: !required.has(name) }] as const;
  });
  if (!isJson(others) || Object.keys(others).length === 0) return objectText(fields);
  if (fields.length > 0) return objectText(fields, text(others));
  return `Record<${isJson(propertyNames) ? text({ type: "string", ...propertyNames }) : "string"}, ${text(others)}>`;
}

/** Of references within the document, as libraries write them: `#` and `#/$defs/name`. */
function referred(reference: string, root: Json): unknown {
  if (!reference.startsWith("#")) return undefined;
  const steps = reference.slice(1).split("/").slice(1);
  return steps.reduce<unknown>((at, step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return isJson(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, root);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
