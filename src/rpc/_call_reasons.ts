import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ResetCode, type StreamReset } from "../mux/mod.ts";
import type { ValueCodec } from "../values/mod.ts";
import { maxReasonBytes } from "../wire/mod.ts";
import { describeThrown, reviveThrown } from "./remote_error.ts";

/** What of a session reasons need to cross. */
export interface CallReasonScope {
  readonly codec: ValueCodec;
  readonly peerName: string;
}

const noReason = new Uint8Array(0);

/** What travels of why a call is given up. */
export function encodeCallReason(reason: unknown, { codec }: CallReasonScope): Uint8Array {
  try {
    const bytes = codec.encode(describeThrown(reason, codec));
    return bytes.length > maxReasonBytes ? noReason : bytes;
  } catch {
    // The reason is a courtesy; the call is given up without it.
    return noReason;
  }
}

/** Why the peer gave a call up. */
export function decodeCallReason(reset: StreamReset, { codec, peerName }: CallReasonScope): PluginError {
  const isLate = reset.code === ResetCode.timeout;
  const code = isLate ? ErrorCode.timeout : ErrorCode.cancelled;
  const text = `${peerName} ${isLate ? "gave the call up at its deadline" : "cancelled the call"}`;
  if (reset.reason.length === 0) return new PluginError(code, text);
  try {
    const cause = reviveThrown(codec.decode(reset.reason), peerName);
    return new PluginError(code, text, { cause });
  } catch {
    // The reason is a courtesy; one that cannot be read changes nothing.
    return new PluginError(code, text);
  }
}
