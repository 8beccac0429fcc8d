import { type Imported, importedBehind } from "./imported.ts";

/** Whether what a call gives is somebody's: who awaits the call has it, who only calls it through the promise has not. */
export class AnswerClaim {
  #isClaimed = false;
  #isThere = false;
  /** What came, when it is the other side's: not what stands for it, which whoever uses it holds. */
  #imported: Imported | undefined;
  /** Calls of it from before it came. */
  #uses = 0;

  /** The call is awaited. */
  claim(): void {
    this.#isClaimed = true;
    const imported = this.#imported;
    imported?.session.unclaimed.claimed(imported);
  }

  /** A call of it begins. */
  began(): void {
    const imported = this.#imported;
    if (imported === undefined) this.#uses++;
    else imported.session.unclaimed.began(imported);
  }

  /** That call does not need it any more. */
  ended(): void {
    const imported = this.#imported;
    if (imported === undefined) this.#uses--;
    else imported.session.unclaimed.made(imported);
  }

  /** Another one is about the same, and this one takes its part from now on. */
  take(other: AnswerClaim): void {
    this.#uses += other.#uses;
    if (other.#isClaimed) this.claim();
  }

  /** The call gave this. Idempotent. */
  came(value: unknown): void {
    if (this.#isThere) return;
    this.#isThere = true;
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    const imported = isObject ? importedBehind(value) : undefined;
    if (imported === undefined) return;
    this.#imported = imported;
    imported.uses += this.#uses;
    const { unclaimed } = imported.session;
    if (this.#isClaimed) unclaimed.claimed(imported);
    else unclaimed.add(imported);
  }
}
