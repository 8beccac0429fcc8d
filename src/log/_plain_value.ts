/** Deepest nesting that is shown. */
const maxDepth = 8;
/** Members of all objects and arrays together that are shown: shared parts could multiply without end. */
const maxMembers = 2_000;

interface Budget {
  members: number;
  /** Objects around the one at hand, to tell cycles. */
  readonly path: object[];
}

/**
 * Copies any value to one that `JSON.stringify` takes, whatever it is: what JSON has no form for becomes a
 * string, errors become objects of their parts, and cycles, depth past 8 and members past 2,000 are cut with a
 * mark. Never throws, also not for a getter or proxy that does.
 */
export function plainValue(value: unknown): unknown {
  // Without a budget for what nearly every field is.
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return plain(value, { members: maxMembers, path: [] });
}

/** Reads the fields of a record; one whose getter throws is marked, and a proxy that throws has none. */
export function entriesOf(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  try {
    return Object.entries(fields);
  } catch {
    return keysOf(fields).map((name) => [name, memberOf(fields, name)]);
  }
}

function keysOf(fields: object): string[] {
  try {
    return Object.keys(fields);
  } catch {
    // The message is still worth its line.
    return [];
  }
}

function memberOf(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return fields[name];
  } catch {
    return "[unreadable]";
  }
}

function plain(value: unknown, budget: Budget): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
    case "symbol":
    case "undefined":
      return String(value);
    case "function":
      return "[function]";
  }
  if (typeof value !== "object" || value === null) return null;
  if (budget.path.includes(value)) return "[cycle]";
  if (budget.path.length >= maxDepth) return "[deeper]";
  budget.path.push(value);
  try {
    return plainObject(value, budget);
  } catch {
    // A getter or proxy of the caller's; the rest of the record is worth more than its error.
    return "[unreadable]";
  } finally {
    budget.path.pop();
  }
}

function plainObject(value: object, budget: Budget): unknown {
  if (Array.isArray(value)) return plainList(value, budget);
  if (value instanceof Error) return plainError(value, budget);
  if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer) return `[ArrayBuffer of ${value.byteLength} bytes]`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Set) return plainList(value, budget);
  if (value instanceof Map) {
    return plainMembers(
      Array.from(value, ([key, member]) => [nameOf(key), member] as const),
      budget,
    );
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return plain(toJSON.call(value), budget);
  return plainMembers(Object.entries(value), budget);
}

function plainList(list: Iterable<unknown>, budget: Budget): unknown[] {
  const out: unknown[] = [];
  for (const member of list) {
    if (budget.members-- <= 0) {
      out.push("[more]");
      break;
    }
    out.push(plain(member, budget));
  }
  return out;
}

function plainMembers(entries: Iterable<readonly [string, unknown]>, budget: Budget): Record<string, unknown> {
  // No prototype, so that a member called __proto__ is one like the others.
  const out: Record<string, unknown> = Object.create(null);
  for (const [name, member] of entries) {
    if (budget.members-- <= 0) {
      out["[more]"] = true;
      break;
    }
    out[name] = plain(member, budget);
  }
  return out;
}

function plainError(error: Error, budget: Budget): Record<string, unknown> {
  const parts: [string, unknown][] = [
    ["name", error.name],
    ["message", error.message],
    ["stack", error.stack],
    ...Object.entries(error),
  ];
  if (error.cause !== undefined) parts.push(["cause", error.cause]);
  if (error instanceof AggregateError) parts.push(["errors", error.errors]);
  return plainMembers(parts, budget);
}

function nameOf(key: unknown): string {
  if (typeof key === "object" && key !== null) return "[object]";
  return typeof key === "function" ? "[function]" : String(key);
}
