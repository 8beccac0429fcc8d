import { DeclaredError } from "../contract/mod.ts";
import { markRemote } from "../errors/mod.ts";
import { isError, isRecord, type ValueCodec } from "../values/mod.ts";
import { emptyCopy, hide, sendable } from "./_sendable.ts";
import { cut, presentStack } from "./error_text.ts";
import type { ErrorsHome } from "./errors_home.ts";

const maxShortLength = 1_024;
const maxFactLength = 128;
const maxNotes = 16;
const maxNoteLength = 256;
/** Of a chain of causes so many are made fit for terminals; a sender keeps to less. */
const maxCauses = 16;

/** Stands for what cannot be described at all. */
export const undescribed = null;

/** What of a session errors need. */
export interface ErrorScope {
  readonly codec: ValueCodec;
  readonly errorsHome: ErrorsHome;
}

/** What crosses of something thrown. PROTOCOL.md §8.4. */
export type ThrownBody =
  | typeof undescribed
  | {
      readonly value: unknown;
      readonly id?: number;
      readonly home?: number;
      readonly omitted?: readonly string[];
    };

/**
 * Describes what an implementation threw, or what a call was given up with: the value itself, as far as it can cross. Never throws.
 *
 * @param mayComeHome Whether it may be thrown back here by what the other side is doing for this one.
 */
export function describeThrown(thrown: unknown, scope: ErrorScope, mayComeHome = false): ThrownBody {
  try {
    const notes: string[] = [];
    const value = sendable(thrown, scope.codec, notes);
    const omitted = notes.slice(0, maxNotes).map((note) => cut(note, maxNoteLength));
    const facts = omitted.length === 0 ? { value } : { value, omitted };
    if (typeof thrown !== "object" || thrown === null) return facts;
    const home = scope.errorsHome.idOf(thrown);
    if (home !== undefined) return { ...facts, home };
    return mayComeHome ? { ...facts, id: scope.errorsHome.keep(thrown) } : facts;
  } catch {
    // A getter or a trap of what was thrown threw in its turn.
    return undescribed;
  }
}

/**
 * Makes again what the other side threw. What this side had thrown itself is the original.
 *
 * @param where Contract, method and peer, for the stack.
 */
export function reviveThrown(body: unknown, scope: ErrorScope, where: string): unknown {
  if (!isRecord(body) || !("value" in body)) return nothingArrived(where);
  const original = scope.errorsHome.find(body.home);
  if (original !== undefined) return original;
  const value = asDeclared(body.value);
  if (typeof value !== "object" || value === null) return value;
  if (isError(value)) {
    const notes = Array.isArray(body.omitted) ? body.omitted.filter((note) => typeof note === "string") : [];
    presentStack(
      value,
      value.stack ?? "",
      where,
      notes.slice(0, maxNotes).map((note) => cut(note, maxNoteLength)),
    );
    presentCauses(value);
  }
  scope.errorsHome.learn(value, body.id);
  return markRemote(value);
}

/**
 * As much of something thrown, or of a failure, as any peer takes: class or code, the beginning of the message, and of a failure where
 * it was. PROTOCOL.md §8.4.
 *
 * @param maxLength Of the message, in UTF-16 units.
 */
export function shortened(body: unknown, maxLength: number = maxShortLength): unknown {
  if (!isRecord(body)) return undescribed;
  const short = (text: unknown, length: number = maxFactLength): string | undefined =>
    typeof text === "string" ? cut(text, length) : undefined;
  if (!("value" in body)) {
    const { code, execution, message, contract, method, path } = body;
    const facts = { contract: short(contract), method: short(method), path: short(path) };
    const kept = { code, execution, message: short(message, maxLength), ...facts };
    return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  }
  const { value } = body;
  if (typeof value === "string") return { value: cut(value, maxLength) };
  if (typeof value !== "object" || value === null || !isError(value)) return undescribed;
  const copy = emptyCopy(value);
  hide(copy, "message", cut(value.message, maxLength));
  if (Object.hasOwn(value, "name")) hide(copy, "name", cut(value.name, maxFactLength));
  const { code } = value as Error & { readonly code?: unknown };
  if (typeof code === "string" && code.length <= maxFactLength) Object.assign(copy, { code });
  if (typeof code === "number") Object.assign(copy, { code });
  return { value: copy };
}

function nothingArrived(where: string): Error {
  const error = new Error(`the other side threw something that did not arrive (${where})`);
  presentStack(error, "", where);
  return markRemote(error);
}

/** An error that a method declares is one again. */
function asDeclared(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !isError(value) || value.name !== "DeclaredError") return value;
  const { code, message, data, cause, stack } = value as Error & { readonly code?: unknown; readonly data?: unknown };
  if (typeof code !== "string") return value;
  const declared = new DeclaredError(code, message, data, Object.hasOwn(value, "cause") ? { cause } : undefined);
  Object.defineProperty(declared, "stack", { value: stack, writable: true, configurable: true });
  return declared;
}

function presentCauses(error: Error): void {
  let left = maxCauses;
  for (let at: unknown = error.cause; typeof at === "object" && at !== null && isError(at); at = at.cause) {
    if (left-- === 0) return;
    presentStack(at, at.stack ?? "");
  }
  const { errors } = error as Error & { readonly errors?: unknown };
  for (const each of Array.isArray(errors) ? errors : []) {
    if (typeof each === "object" && each !== null && isError(each)) presentStack(each, each.stack ?? "");
  }
}
