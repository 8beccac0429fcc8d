import type { PluginError } from "../errors/mod.ts";
import { describeFailure } from "./failure.ts";
import { ReplyStatus } from "./messages.ts";
import { describeThrown, shortened, undescribed } from "./remote_error.ts";
import type { RpcSession } from "./rpc_session.ts";

/** The reply of a call whose implementation threw. PROTOCOL.md §8.3. */
export function replyThrown(session: RpcSession, error: unknown): Uint8Array {
  // While nothing else runs, nothing can bring it back.
  const mayComeHome = session.counts.streams > 1;
  return encode(session, ReplyStatus.threw, describeThrown(error, session, mayComeHome));
}

/** The reply of a call that this side could not do. */
export function replyFailed(session: RpcSession, error: PluginError): Uint8Array {
  return encode(session, ReplyStatus.failed, describeFailure(error));
}

function encode(session: RpcSession, status: number, body: unknown): Uint8Array {
  const { codec } = session;
  let message: Uint8Array;
  try {
    message = codec.encode([null, status, body]);
  } catch {
    // Only limits of a few bytes or levels refuse it; the caller must get an answer all the same.
    message = codec.encode([null, status, undescribed]);
  }
  if (message.length <= session.peerHello.limits.message) return message;
  return codec.encode([null, status, shortened(body)]);
}
