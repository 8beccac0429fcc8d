/** Past it a text only grows longer; the rest is left out, on both sides alike. */
const maxText = 20_000;
const maxDepth = 16;

/** What a schema takes, as text; `optional` when `undefined` will do. */
export interface TypeText {
  readonly text: string;
  readonly optional: boolean;
}

/** Where a text stands while it is written: what has been written already, and how deep. */
export class Scribe {
  #left: number = maxText;
  readonly #within: unknown[] = [];

  /** The text of one part; a part within itself, too deep, or after too much text becomes `…`. */
  within(part: unknown, write: () => string): string {
    if (this.#left <= 0 || this.#within.length >= maxDepth || this.#within.includes(part)) return "…";
    this.#within.push(part);
    const text = write();
    this.#within.pop();
    this.#left -= text.length;
    return text;
  }
}

/** `"a"`, `5`, `5n`, `null`. */
export function literalText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol") return "symbol";
  return typeof value === "object" && value !== null ? "unknown" : String(value);
}

/** `a | b`, in an order that does not depend on how it was written. */
export function unionText(texts: readonly string[]): string {
  const members = [...new Set(texts.flatMap((text) => split(text, " | ")))].sort();
  if (members.includes("unknown")) return "unknown";
  return members.length === 0 ? "never" : members.join(" | ");
}

/** `a | undefined`. */
export function orUndefined(text: string): string {
  return split(text, " => ").length > 1 ? `(${text}) | undefined` : unionText([text, "undefined"]);
}

/** `a & b`. */
export function intersectionText(texts: readonly string[]): string {
  return [...new Set(texts)].map(enclosed).sort().join(" & ");
}

/** `a[]`. */
export function arrayText(item: string): string {
  return `${enclosed(item)}[]`;
}

/** `a, b?`. */
export function listText(items: readonly TypeText[]): string {
  return items.map(({ text, optional }) => (optional ? `${enclosed(text)}?` : text)).join(", ");
}

/** `[a, b?, ...c[]]`. */
export function tupleText(items: readonly TypeText[], rest: string | undefined): string {
  const parts = items.length === 0 ? [] : [listText(items)];
  return `[${(rest === undefined ? parts : [...parts, `...${arrayText(rest)}`]).join(", ")}]`;
}

/** `{ a: string, b?: number }`, sorted, as their order means nothing. */
export function objectText(fields: readonly (readonly [name: string, type: TypeText])[], rest?: string): string {
  const parts = fields.map(([name, { text, optional }]) => `${keyText(name)}${optional ? "?" : ""}: ${text}`).sort();
  if (rest !== undefined) parts.push(`[key: string]: ${rest}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function enclosed(text: string): string {
  const isOne = [" | ", " & ", " => "].every((operator) => split(text, operator).length === 1);
  return isOne ? text : `(${text})`;
}

/** Splits where the separator stands in no brackets and in no string. */
function split(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let [start, depth] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') i = endOfString(text, i);
    else if ("({[<".includes(char)) depth++;
    else if (")}]".includes(char) || (char === ">" && text[i - 1] !== "=")) depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i));
      start = i + separator.length;
    }
  }
  return [...parts, text.slice(start)];
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}
