/** A call that stands in line until it is known whether it is sent. */
export interface LinedCall {
  /** Sends it, if it waits for that. @returns False while it is not known yet. */
  goOn(): boolean;
}

/**
 * The calls of one target that interceptors have not decided about yet, in the order they were made: one is sent only after
 * those before it were, or will not be.
 */
export class CallLine {
  readonly #calls: Set<LinedCall> = new Set();
  #isGoingOn = false;

  enter(call: LinedCall): void {
    this.#calls.add(call);
  }

  has(call: LinedCall): boolean {
    return this.#calls.has(call);
  }

  /** It is decided. */
  leave(call: LinedCall): void {
    if (this.#calls.delete(call)) this.goOn();
  }

  /** Sends those whose turn has come. */
  goOn(): void {
    // What is sent may fail at once, and leave from within.
    if (this.#isGoingOn) return;
    this.#isGoingOn = true;
    for (const call of this.#calls) {
      if (!call.goOn()) break;
      this.#calls.delete(call);
    }
    this.#isGoingOn = false;
  }
}
