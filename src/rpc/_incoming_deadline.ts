import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { IncomingState } from "./_incoming_state.ts";
import type { Deadline } from "./timer_wheel.ts";

/**
 * Watches the deadline of a call of the peer.
 *
 * @param timeoutMs What the peer still waited as of its sending.
 * @param heldAtMs When it arrived, if it had to wait for room since.
 */
export function setDeadline(
  state: IncomingState,
  timeoutMs: number,
  heldAtMs: number | undefined,
): Deadline | undefined {
  const { deadlines, scheduler } = state.session.environment;
  const now = scheduler.now();
  state.deadlineAtMs = (heldAtMs ?? now) + timeoutMs;
  const expire = (): void => {
    const text = `the caller's deadline for ${state.contract}.${state.method} has passed`;
    state.abort(new PluginError(ErrorCode.timeout, text));
  };
  const leftMs = state.deadlineAtMs - now;
  if (leftMs > 0 || heldAtMs === undefined) return deadlines.set(leftMs, expire);
  expire();
  return undefined;
}
