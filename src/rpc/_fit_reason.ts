import { maxReasonBytes } from "../wire/mod.ts";
import { isRecord } from "./messages.ts";

const maxNameLength = 128;
/** Tried one after the other: at three bytes a unit the last one fits with room for the rest. */
const messageLengths = [3_072, 1_024, 512] as const;
const noReason = new Uint8Array(0);

/**
 * Encodes a reason so that it fits into a RESET: of one too long, causes go first, then all but class, code and message, then the
 * message's end. PROTOCOL.md §5.4, §8.4.
 *
 * @param body What describes it: a thrown value or a failure, as they cross.
 * @returns At most 4,096 bytes; none when not even its class can be told.
 */
export function fitReason(body: unknown, encode: (body: unknown) => Uint8Array): Uint8Array {
  for (const candidate of candidates(body)) {
    try {
      const bytes = encode(candidate);
      if (bytes.length <= maxReasonBytes) return bytes;
    } catch {
      // What refuses it may be in a part that the next one goes without.
    }
  }
  return noReason;
}

function* candidates(body: unknown): Generator<unknown> {
  yield body;
  if (!isRecord(body)) return;
  const { cause: _, ...alone } = body;
  yield alone;
  const { name, code, message, value } = body;
  if (name === undefined && code === undefined) {
    for (const length of messageLengths) yield { value: cut(value, length) };
    return;
  }
  const { execution, contract, method, path } = body;
  for (const length of messageLengths) {
    const kept = { name: cut(name, maxNameLength), code: cut(code, maxNameLength), message: cut(message, length) };
    const where = { execution, contract: cut(contract, maxNameLength), method: cut(method, maxNameLength) };
    yield withoutGaps({ ...kept, ...where, path: cut(path, maxNameLength) });
  }
}

function cut(value: unknown, length: number): unknown {
  if (typeof value === "number" || value === undefined) return value;
  const text = typeof value === "string" ? value : describe(value);
  return (text.length > length ? `${text.slice(0, length)} …` : text).toWellFormed();
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint within it, or a cycle.
    return Object.prototype.toString.call(value);
  }
}

function withoutGaps(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
