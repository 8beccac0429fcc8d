import type { Peer } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Logger } from "../log/record.ts";
import type { AsyncContext } from "../runtime/runtime.ts";

/** What an implementation can know of the call it answers. */
export interface CallContext {
  /** Aborted when the caller cancels, when its deadline passes, or when the session ends. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, in ms since 1970; `undefined` without a deadline. */
  readonly deadline: number | undefined;
  /** Name of the contract. */
  readonly contract: string;
  /** Name of the method. */
  readonly method: string;
  /** What the caller gave with {@linkcode withOptions}. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The side that called: its contracts can be dispensed. */
  readonly peer: Peer;
  /** A log whose records name contract and method. */
  readonly log: Logger;
}

/** Something that ends when the call it belongs to does. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** The running call that a flow of code belongs to. */
export interface CallState {
  readonly context: CallContext;
  /** False once its implementation has ended: what it left going in the background is no part of the call. */
  readonly isRunning: boolean;
  /** Time left for calls made there, in ms; `undefined` without a deadline. */
  timeLeftMs(): number | undefined;
  /** Why the call was given up; `undefined` while it was not. */
  readonly abortReason: unknown;
  /** Ends calls made there along with it. */
  adopt(child: Abortable): void;
  disown(child: Abortable): void;
}

/** Where the running call is kept; `undefined` in it means none. */
export type CurrentCall = AsyncContext<CallState | undefined>;

let current: CurrentCall | undefined;

/**
 * Where this process keeps the running call: one place, whichever adapters its sessions run on, so that a call made in
 * another one's session inherits of it.
 */
export function currentCall(make: () => CurrentCall): CurrentCall {
  current ??= make();
  return current;
}

/**
 * The call that the running code answers. Calls made meanwhile inherit its signal and the time it has left.
 *
 * @throws PluginError `internal` outside of a call.
 *
 * @example
 * ```ts
 * import { callContext, contract } from "@plugwire/plugwire";
 * export const served = contract<{ wait(): Promise<void> }>("waiter").implement({
 *   async wait() {
 *     const { signal } = callContext();
 *     await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
 *   },
 * });
 * ```
 */
export function callContext(): CallContext {
  const state = current?.get();
  if (state === undefined) throw outsideOfCall();
  return state.context;
}

/** Nothing that runs answers a call. */
export function outsideOfCall(): PluginError {
  const text = "callContext() was called outside of a call: use it inside a method of an implementation";
  return new PluginError(ErrorCode.internal, text);
}
