import { ErrorCode, PluginError } from "../errors/mod.ts";
import { shapesOfArguments } from "./_shapes.ts";
import { type CallWireOptions, callPlaces } from "./messages.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What of the bounds of a call travels. */
export function wireOptions(
  timeout: number | undefined,
  metadata: Readonly<Record<string, unknown>> | undefined,
): CallWireOptions | undefined {
  if (timeout === undefined) return metadata === undefined ? undefined : { metadata };
  return metadata === undefined ? { timeout } : { timeout, metadata };
}

/**
 * The message of a call. What it names is then with the session's references. PROTOCOL.md §8.2.
 * @throws PluginError `too_large`, `unsupported_value`, `limit`.
 */
export function encodeCall(
  { references, peerHello }: RpcSession,
  call: OutgoingCall,
  args: readonly unknown[],
  wire: CallWireOptions | undefined,
): Uint8Array {
  const { target, method, spec } = call;
  const head = [null, target.number, method, args];
  const message = wire === undefined ? head : [...head, wire];
  const shapes = spec?.shapes === undefined ? undefined : shapesOfArguments(spec, args);
  const encoded = references.encode(message, callPlaces, call, false, shapes);
  const max = peerHello.limits.message;
  if (encoded.length <= max) return encoded;
  references.takeSent()?.giveUp();
  const text = `the call has ${encoded.length} bytes, the other side takes at most ${max} (limits.maxMessageBytes)`;
  throw new PluginError(ErrorCode.tooLarge, text);
}
