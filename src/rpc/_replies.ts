import type { Method } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { describeFailure, describeThrown, shortened, undescribed } from "../thrown/mod.ts";
import { shapesOfResult } from "./_shapes.ts";
import { ReplyStatus, replyPlaces } from "./messages.ts";
import type { NamedCall } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * The reply of a call that gave something. What it names is then with the session's references.
 * @throws PluginError `too_large`, `unsupported_value`, `limit`.
 */
export function replyReturned(
  session: RpcSession,
  call: NamedCall,
  spec: Method | undefined,
  value: unknown,
): Uint8Array {
  const { references, peerHello } = session;
  const shapes = spec?.resultShape === undefined ? undefined : shapesOfResult(spec, value);
  const reply = references.encode([null, ReplyStatus.returned, value], replyPlaces, call, true, shapes);
  const max = peerHello.limits.message;
  if (reply.length <= max) return reply;
  references.takeSent()?.giveUp();
  const text = `the result has ${reply.length} bytes, the caller takes at most ${max} (limits.maxMessageBytes)`;
  throw new PluginError(ErrorCode.tooLarge, text);
}

/** The reply of a call whose implementation threw. PROTOCOL.md §8.3. */
export function replyThrown(session: RpcSession, error: unknown): Uint8Array {
  // While nothing else runs, nothing can bring it back.
  const mayComeHome = session.counts.streams > 1;
  return encode(session, ReplyStatus.threw, describeThrown(error, session, mayComeHome));
}

/** For a call of something that its factory failed to make: whatever the factory threw. */
export function notMade(contract: string, error: unknown): unknown {
  if (!(error instanceof PluginError)) return error;
  return new PluginError(error.code, `the implementation of ${contract} could not be made: ${error.message}`);
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
