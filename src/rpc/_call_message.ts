import { ErrorCode, PluginError } from "../errors/mod.ts";
import { shapesOfArguments } from "./_shapes.ts";
import { type CallWireOptions, callPlaces } from "./messages.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import type { RpcSession } from "./rpc_session.ts";

/** What travels beside the arguments of a call: its time last, for {@linkcode renewTimeout}. */
export function wireOptions(
  timeout: number | undefined,
  metadata: Readonly<Record<string, unknown>> | undefined,
  answer: number | undefined,
): CallWireOptions | undefined {
  if (timeout === undefined && metadata === undefined) return answer === undefined ? undefined : { answer };
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(answer === undefined ? {} : { answer }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/**
 * Writes the time of a call anew, which is the last item of its message, in as many bytes as it has.
 *
 * @param timeout The time that is there, in ms. @param leftMs What is left of it, above 0.
 */
export function renewTimeout(message: Uint8Array, timeout: number, leftMs: number): void {
  const end = message.byteOffset + message.length;
  if (!Number.isSafeInteger(timeout)) return new DataView(message.buffer).setFloat64(end - 8, leftMs);
  let ms = Math.min(timeout, Math.ceil(leftMs));
  // Of an integer below 24 the first byte is all.
  const width = timeout < 24 ? 1 : bytesOf(timeout);
  for (let at = message.length - 1; at >= message.length - width; at--) {
    message[at] = ms % 256;
    ms = Math.floor(ms / 256);
  }
}

/** The bytes after the first one of an integer. RFC 8949 §3. */
function bytesOf(integer: number): number {
  if (integer < 2 ** 8) return 1;
  if (integer < 2 ** 16) return 2;
  return integer < 2 ** 32 ? 4 : 8;
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
