import type { Scheduler } from "./scheduler.ts";

/** Time in which no place came free, in ms, after which a session counts as crowded: a burst of calls is through by then. */
const crowdedMs = 1_000;

/** Notices when streams wait for a place and none comes free. */
export class Crowding {
  readonly #scheduler: Scheduler;
  readonly #isFull: () => boolean;
  readonly #tell: () => void;
  #timer: { cancel(): void } | undefined;
  #isTold = false;
  #hasMoved = false;

  /**
   * @param isFull True when a stream would have to wait.
   * @param tell Called once, until a place has come free.
   */
  constructor(scheduler: Scheduler, isFull: () => boolean, tell: () => void) {
    this.#scheduler = scheduler;
    this.#isFull = isFull;
    this.#tell = tell;
  }

  /** A stream waits for a place. */
  waits(): void {
    if (this.#timer !== undefined || this.#isTold) return;
    this.#hasMoved = false;
    this.#timer = this.#scheduler.setTimer(() => this.#look(), crowdedMs);
  }

  /** A stream that waited has a place. */
  moved(): void {
    this.#hasMoved = true;
    this.#isTold = false;
  }

  /** The session is over. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isTold = true;
  }

  #look(): void {
    this.#timer = undefined;
    // Full also when those that waited have given up meanwhile: the next one waits as they did.
    if (!this.#isFull()) return;
    if (this.#hasMoved) return this.waits();
    this.#isTold = true;
    this.#tell();
  }
}
