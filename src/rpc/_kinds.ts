import type { Shape } from "../contract/mod.ts";
import { functionKind } from "./_function_kind.ts";
import { objectKind } from "./_object_kind.ts";
import { signalKind } from "./_signal_kind.ts";
import { iterableKind, readableKind, writableKind } from "./_stream_kinds.ts";
import type { ReferenceKind } from "./reference_kind.ts";

/** All kinds, in the order in which they are asked: an object with methods may be of another kind by what it is. */
const kinds: readonly ReferenceKind[] = [
  functionKind,
  signalKind,
  readableKind,
  writableKind,
  iterableKind,
  objectKind,
];

const byCode: ReadonlyMap<unknown, ReferenceKind> = new Map(kinds.map((kind) => [kind.code, kind]));

/** The kind that a value of this side crosses as; `undefined` when it is no reference. */
export function kindFor(value: object, shape: Shape | undefined): ReferenceKind | undefined {
  return kinds.find((kind) => kind.accepts(value, shape));
}

/** The kind that a message names. */
export function kindOfCode(code: unknown): ReferenceKind | undefined {
  return byCode.get(code);
}
