import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ResetCode, type StreamReset } from "../mux/mod.ts";
import { fitReason } from "./_fit_reason.ts";
import { describeThrown, type ErrorScope, reviveThrown } from "./remote_error.ts";

/** What of a session reasons need to cross. */
export interface CallReasonScope extends ErrorScope {
  readonly peerName: string;
}

/** What travels of why a call is given up. */
export function encodeCallReason(reason: unknown, scope: CallReasonScope): Uint8Array {
  return fitReason(describeThrown(reason, scope), (body) => scope.codec.encode(body));
}

/** Why the peer gave a call up. */
export function decodeCallReason(reset: StreamReset, scope: CallReasonScope): PluginError {
  const { codec, peerName } = scope;
  const isLate = reset.code === ResetCode.timeout;
  const code = isLate ? ErrorCode.timeout : ErrorCode.cancelled;
  const text = `${peerName} ${isLate ? "gave the call up at its deadline" : "cancelled the call"}`;
  if (reset.reason.length === 0) return new PluginError(code, text);
  try {
    const cause = reviveThrown(codec.decode(reset.reason), scope, peerName);
    return new PluginError(code, text, { cause });
  } catch {
    // The reason is a courtesy; one that cannot be read changes nothing.
    return new PluginError(code, text);
  }
}
