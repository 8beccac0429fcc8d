import type { Logger } from "../log/mod.ts";
import { log } from "../log/mod.ts";
import type { Scheduler } from "../mux/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { onNextTurn } from "../transport/next_turn.ts";
import { type CallState, type CurrentCall, currentCall } from "./call_context.ts";
import { TimerWheel } from "./timer_wheel.ts";

/** What calls need of the process they run in: one for each process, shared by its sessions. */
export interface RpcEnvironment {
  readonly scheduler: Scheduler;
  readonly deadlines: TimerWheel;
  /** Follows a call through the implementation's asynchronous flow. */
  readonly context: CurrentCall;
  /** For what no caller can be told. */
  readonly log: Logger;
}

const made = new WeakMap<Runtime, RpcEnvironment>();

/** The environment of this process, on this runtime. */
export function rpcEnvironment(runtime: Runtime): RpcEnvironment {
  const known = made.get(runtime);
  if (known !== undefined) return known;
  const scheduler: Scheduler = {
    now: () => performance.now(),
    defer: queueMicrotask,
    nextTurn: onNextTurn,
    setTimer: (callback, delayMs) => runtime.setTimer(callback, delayMs),
  };
  // Who set a deadline waits for it: a call that nobody answers must not end the process before its time is up.
  const deadlines = new TimerWheel({
    ...scheduler,
    setTimer: (callback, delayMs) => runtime.setTimer(callback, delayMs, { keepAlive: true }),
  });
  const context = currentCall(() => runtime.asyncContext<CallState | undefined>());
  const environment: RpcEnvironment = { scheduler, deadlines, context, log };
  made.set(runtime, environment);
  return environment;
}
