import type { Imported } from "./imported.ts";
import type { OutgoingAnswer } from "./outgoing_answer.ts";

/** So many are kept for further calls. */
const maxUnclaimed = 64;

/**
 * What calls gave that nobody awaited, kept as it may be called again through the call's promise: `const users =
 * db.table("users")`, then `users.count()` and `users.find()`. The last ones used are; others are let go of.
 */
export class UnclaimedAnswers {
  /** In the order of their last use. */
  readonly #answers: Map<Imported, OutgoingAnswer> = new Map();

  get size(): number {
    return this.#answers.size;
  }

  add(imported: Imported, answer: OutgoingAnswer): void {
    // One that the program has from elsewhere is not this one's to let go of.
    if (imported.entry.count > 1) return;
    this.#answers.set(imported, answer);
    this.trim();
  }

  /** Lets go of those that are too many, unless calls of them are under way. */
  trim(): void {
    if (this.#answers.size <= maxUnclaimed) return;
    for (const [oldest, answer] of this.#answers) {
      if (answer.isInUse) continue;
      this.#letGo(oldest);
      if (this.#answers.size <= maxUnclaimed) return;
    }
  }

  /** Somebody awaits the call: it is theirs. */
  claimed(imported: Imported): void {
    this.#answers.delete(imported);
  }

  /** It was called. */
  used(imported: Imported): void {
    const answer = this.#answers.get(imported);
    if (answer === undefined) return;
    this.#answers.delete(imported);
    this.#answers.set(imported, answer);
  }

  /** The session is being ended: none of them is needed any more. */
  clear(): void {
    for (const imported of [...this.#answers.keys()]) this.#letGo(imported);
  }

  #letGo(imported: Imported): void {
    this.#answers.delete(imported);
    imported.session.references.imports.finish(imported.entry, "unclaimed");
  }
}
