import type { Shape } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import type { Import, ImportEnd } from "../references/mod.ts";
import type { CallOptions } from "./call_options.ts";
import type { ImportPlace, Origin } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

/** By what stands for them. */
const importedOf: WeakMap<object, Imported> = new WeakMap();

/** What a value stands for; `undefined` when it is none of another side. */
export function importedBehind(value: object): Imported | undefined {
  return importedOf.get(value);
}

/** Lets go of a reference: what `Symbol.dispose` of all of them is. */
export function disposeImported(this: object): void {
  importedOf.get(this)?.dispose();
}

/**
 * A value of the peer, and what stands for it here. That is held while it is lent to a call; once it belongs to this side,
 * only whoever uses it does.
 */
export abstract class Imported {
  readonly session: RpcSession;
  readonly entry: Import<Imported>;
  readonly origin: Origin;
  /** Calls of it that are not made yet, or that its answer still is needed for. */
  uses = 0;
  /** What gave it, nobody has awaited so far: it is let go of by itself. */
  isUnclaimed = false;
  /** Somebody has it, and lets go of it. */
  isClaimed = false;
  #value: object | undefined;
  #weak: WeakRef<object> | undefined;

  constructor(place: ImportPlace) {
    this.session = place.session;
    this.entry = place.entry;
    this.origin = place.origin;
  }

  /** The number of its kind. */
  abstract readonly code: number;

  /** What stands for it; `undefined` when that was collected. */
  get value(): object | undefined {
    return this.#value ?? this.#weak?.deref();
  }

  /** True while code of this side may go on with it. */
  get isUsable(): boolean {
    return this.entry.isHeld;
  }

  /** True when it may be sent back as what it is. */
  get mayGoHome(): boolean {
    return true;
  }

  /** True when it is not to end with the call that it was lent to, because it is in use. */
  get goesOn(): boolean {
    return false;
  }

  /** It belongs to this side from now on. */
  own(): void {
    if (this.entry.isOwned || !this.entry.isHeld) return;
    this.entry.isOwned = true;
    this.owned();
  }

  /** This side has no use for it. */
  dispose(): void {
    this.session.references.imports.finish(this.entry, "disposed");
  }

  /** What the contract says of it. @param from Who gave it. @returns A complaint when it is something else. */
  shaped?(shape: Shape, from: "caller" | "implementation"): string | undefined;

  /** The signal of the call that gave it. */
  heed?(signal: AbortSignal): void;

  /** The same with options for its calls. */
  remake?(options: CallOptions): object;

  /** A message names it again. @param facts As in `ReferenceKind.import`. */
  again?(facts: readonly unknown[]): void;

  /** The peer aborted it. @param thrown The body of the reason. */
  aborted?(thrown: unknown): void;

  /** It cannot be used any more. */
  ended?(end: ImportEnd): void;

  /** The session is over. */
  lost?(error: PluginError): void;

  /** It belongs to this side from now on; whoever uses it holds it. */
  owned(): void {
    const value = this.#value;
    if (value === undefined) return;
    this.#weak = new WeakRef(value);
    this.#value = undefined;
    this.session.references.watch(value, this.entry);
  }

  /** Says what stands for it. Once. */
  protected standsFor(value: object): void {
    this.#value = value;
    importedOf.set(value, this);
  }

  /** Says that something else stands for it too. */
  protected alsoStandsFor(value: object): void {
    importedOf.set(value, this);
  }
}
