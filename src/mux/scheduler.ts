/** Time and deferral, passed in so that a test can hold both. */
export interface Scheduler {
  /** A monotonic clock, in milliseconds. */
  now(): number;
  /** Calls back after the running code, before anything else happens. */
  defer(callback: () => void): void;
  /** Calls back once timers and sockets have had their turn. Keeps the process alive until then. */
  nextTurn(callback: () => void): void;
  /** Calls back once, `delayMs` from now; gives an undo. Does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): { cancel(): void };
}
