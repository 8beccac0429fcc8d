import type { Scheduler } from "../../../src/mux/mod.ts";
import type { Runtime } from "../../../src/runtime/runtime.ts";
import { onNextTurn } from "../../../src/transport/next_turn.ts";

/** The scheduler of a session in a program of the benchmark. */
export function schedulerOf(runtime: Runtime): Scheduler {
  return {
    now: () => performance.now(),
    defer: queueMicrotask,
    nextTurn: onNextTurn,
    setTimer: (callback, delayMs) => runtime.setTimer(callback, delayMs),
  };
}
