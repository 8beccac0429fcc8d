import { ErrorCode, type Execution, PluginError, type PluginErrorFacts } from "../errors/mod.ts";
import { ResetCode } from "../mux/mod.ts";

/** A call, for the errors it ends with. */
export interface FailedCall {
  /** Contract and method. */
  readonly name: string;
  readonly facts: PluginErrorFacts;
}

/** For a call that failed in these words. */
export function callError(call: FailedCall, code: ErrorCode, what: string, execution: Execution): PluginError {
  return new PluginError(code, `${call.name}: ${what}`, { ...call.facts, execution });
}

/** For a call whose deadline has passed. */
export function lateError(call: FailedCall, timeoutMs: number, execution: Execution): PluginError {
  const what =
    timeoutMs === 0 ? "was not called: no time was left for it" : `did not answer within ${Math.round(timeoutMs)} ms`;
  const text = `${call.name} ${what}`;
  return new PluginError(ErrorCode.timeout, text, { ...call.facts, execution });
}

/** For a call whose session ended. @param why With all that could be found out. */
export function lostError(call: FailedCall, why: PluginError, execution: Execution): PluginError {
  const ran = execution === "none" ? "did not run" : "may have run";
  const { exitCode, signal, exceeded, stderr } = why;
  // All that `why` says is said here; printed as the cause, it would say it again.
  const facts = { ...call.facts, execution, cause: why.cause, exitCode, signal, exceeded, stderr };
  return new PluginError(why.code, `${call.name} ${ran}: ${why.message}`, facts);
}

/** For a call that the other side gave up. @param timeoutMs The call's own deadline, if it had one. */
export function givenUpError(call: FailedCall, resetCode: number, timeoutMs: number | undefined): PluginError {
  switch (resetCode) {
    case ResetCode.refused:
      return callError(call, ErrorCode.refused, "the other side refused the call", "none");
    case ResetCode.tooLarge:
      return callError(call, ErrorCode.tooLarge, "the call is larger than the other side takes", "none");
    case ResetCode.timeout:
      // Both sides watch the deadline; which of them was first makes no difference to the caller.
      if (timeoutMs !== undefined) return lateError(call, timeoutMs, "unknown");
      return callError(call, ErrorCode.timeout, "the other side gave the call up at its deadline", "unknown");
    default:
      return callError(call, ErrorCode.cancelled, "the other side gave the call up", "unknown");
  }
}

/** Of a result that is not taken. */
export function tooLargeText(totalBytes: number, max: number): string {
  return `the result has ${totalBytes} bytes, at most ${max} are taken (limits.maxMessageBytes)`;
}
