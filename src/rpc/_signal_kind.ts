import type { PluginError } from "../errors/mod.ts";
import { encodeCallReason, reviveThrown } from "../thrown/mod.ts";
import { Imported } from "./imported.ts";
import { ControlCode } from "./messages.ts";
import { type Exported, type ExportPlace, type ImportPlace, KindCode, type ReferenceKind } from "./reference_kind.ts";

/** A signal of this side: the peer is told when it is aborted. */
class ExportedSignal implements Exported {
  readonly #signal: AbortSignal;
  readonly #place: ExportPlace;
  readonly #onAbort: () => void = () => this.#aborted();

  constructor(signal: AbortSignal, place: ExportPlace) {
    this.#signal = signal;
    this.#place = place;
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  facts(): readonly unknown[] {
    return this.#signal.aborted ? [this.#reason()] : [];
  }

  released(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #aborted(): void {
    const { entry, session } = this.#place;
    const tell = (): void => session.sendControl([ControlCode.abort, entry.id, this.#reason()]);
    // The peer must know it before it can be told.
    if (entry.isUnsent) entry.whenSent = tell;
    else tell();
  }

  #reason(): unknown {
    const { session } = this.#place;
    // CONTROL must fit into a frame, so that it is shortened as for a RESET.
    const bytes = encodeCallReason(this.#signal.reason, session);
    return bytes.length === 0 ? null : session.codec.decode(bytes);
  }
}

/**
 * A signal of the peer. It is held until it ends, since one that nobody refers to must still fire; once it has fired nothing
 * more can come of it, and who kept it goes on with it all the same.
 */
class ImportedSignal extends Imported {
  readonly code = KindCode.signal;
  readonly #controller = new AbortController();

  constructor(place: ImportPlace, facts: readonly unknown[]) {
    super(place);
    this.standsFor(this.#controller.signal);
    this.again(facts);
  }

  override again(facts: readonly unknown[]): void {
    if (facts.length > 0) this.aborted(facts[0]);
  }

  override get isUsable(): boolean {
    return super.isUsable || this.#hasFired;
  }

  override get mayGoHome(): boolean {
    return super.isUsable || !this.#hasFired;
  }

  override aborted(thrown: unknown): void {
    this.#controller.abort(reviveThrown(thrown, this.session, this.session.peerName));
    if (this.entry.isOwned) this.dispose();
  }

  override lost(error: PluginError): void {
    // What it would have ended has nobody left to end it. Its reason is that of the calls which end by it.
    void this.session.explain(error).then((why) => this.#controller.abort(why));
  }

  override owned(): void {
    if (this.#hasFired) this.dispose();
  }

  get #hasFired(): boolean {
    return this.#controller.signal.aborted;
  }
}

/** Signals: they are live on the other side. */
export const signalKind: ReferenceKind = {
  code: KindCode.signal,
  accepts: (value) => value instanceof AbortSignal,
  export: (value, place) => new ExportedSignal(value as AbortSignal, place),
  import: (place, facts) => new ImportedSignal(place, facts),
};
