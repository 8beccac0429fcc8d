import type { Imported } from "./imported.ts";

/** So many are kept for further calls. */
const maxKept = 64;

/**
 * What calls gave that nobody awaited, kept as it may be called again through the call's promise: `const users =
 * db.table("users")`, then `users.count()` and `users.find()`. Those that are in use are, and the last ones used; others are let
 * go of.
 */
export class UnclaimedAnswers {
  /** Those that are not in use, in the order of their last use. */
  readonly #idle: Set<Imported> = new Set();
  #max = maxKept;

  /** How many are kept without being in use. */
  get size(): number {
    return this.#idle.size;
  }

  /** A call gave it that nobody has awaited so far. */
  add(imported: Imported): void {
    // What was received once and given twice is kept by an interceptor; what was received before, the program has.
    const wasKnown = imported.isUnclaimed ? imported.entry.count === 1 : imported.entry.count > 1;
    if (imported.isClaimed || wasKnown) return this.claimed(imported);
    imported.isUnclaimed = true;
    if (imported.uses === 0) this.#rest(imported);
  }

  /** Somebody has it: it is theirs. */
  claimed(imported: Imported): void {
    imported.isClaimed = true;
    imported.isUnclaimed = false;
    this.#idle.delete(imported);
  }

  /** A call of it goes through the promise that gave it, or through interceptors. */
  began(imported: Imported): void {
    imported.uses++;
    this.#idle.delete(imported);
  }

  /** That call is made. */
  made(imported: Imported): void {
    imported.uses--;
    if (imported.uses === 0 && imported.isUnclaimed) this.#rest(imported);
  }

  /** Lets go of those that are not in use. */
  clear(): void {
    for (const imported of this.#idle) this.#letGo(imported);
  }

  /** The session is being ended: none of them is needed any more, once what is under way has ended. */
  drain(): void {
    this.#max = 0;
    this.clear();
  }

  #rest(imported: Imported): void {
    this.#idle.delete(imported);
    this.#idle.add(imported);
    for (const oldest of this.#idle) {
      if (this.#idle.size <= this.#max) return;
      this.#letGo(oldest);
    }
  }

  /** It is not held any more: it was disposed of, or the program dropped the promise, and what stood for it was collected. */
  ended(imported: Imported): void {
    imported.isUnclaimed = false;
    this.#idle.delete(imported);
  }

  #letGo(imported: Imported): void {
    this.ended(imported);
    imported.session.references.imports.finish(imported.entry, "unclaimed");
  }
}
