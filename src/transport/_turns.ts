import { onNextTurn } from "./next_turn.ts";

/** Microtasks that {@linkcode soon} runs before the event loop must have had a turn. */
const burst = 128;

type Callback = () => void;

let used = 0;
let renewing = false;
let waiting: Callback[] = [];

/**
 * Calls back after the code that runs now: as a microtask, but only so many of them before timers and sockets
 * have had their turn, so that two sides which answer each other at once do not keep the process for themselves.
 */
export function soon(callback: Callback): void {
  if (!renewing) {
    renewing = true;
    onNextTurn(renew);
  }
  if (used >= burst) {
    waiting.push(callback);
    return;
  }
  used++;
  queueMicrotask(callback);
}

/** Settles once the event loop has gone round. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => onNextTurn(resolve));
}

function renew(): void {
  renewing = false;
  used = 0;
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) soon(callback);
}
