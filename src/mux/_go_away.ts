import { ErrorCode, PluginError } from "../errors/mod.ts";
import { maxReasonBytes } from "../wire/mod.ts";
import { read16, read32 } from "./_bytes.ts";
import { CloseCode } from "./codes.ts";
import type { GoAway } from "./session_handler.ts";

const closeCodes: ReadonlyMap<ErrorCode, number> = new Map([
  [ErrorCode.limit, CloseCode.limit],
  [ErrorCode.authentication, CloseCode.authentication],
  [ErrorCode.internal, CloseCode.internal],
]);

/** The code of the GOAWAY that tells the peer of an error. */
export function closeCodeOf(error: PluginError): number {
  return closeCodes.get(error.code) ?? CloseCode.protocol;
}

/** Payload of a GOAWAY. PROTOCOL.md §5.6. */
export function encodeGoAway(lastStream: number, code: number, text: string): Uint8Array {
  const message = new TextEncoder().encode(text).subarray(0, maxReasonBytes);
  const payload = new Uint8Array(6 + message.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, lastStream);
  view.setUint16(4, code);
  payload.set(message, 6);
  return payload;
}

/** Reads a GOAWAY whose length was checked. */
export function decodeGoAway(drain: boolean, payload: Uint8Array): GoAway {
  return {
    drain,
    lastStream: read32(payload, 0),
    code: read16(payload, 4),
    text: new TextDecoder().decode(payload.subarray(6)),
  };
}

/** What a host whose place was taken is told. */
const supersededText = "another host has taken the plugin over";

/** What a GOAWAY says went wrong; `undefined` when nothing did. */
export function goAwayError({ code, text }: GoAway): PluginError | undefined {
  if (code === CloseCode.normal || code === CloseCode.detached) return undefined;
  if (code === CloseCode.superseded) return new PluginError(ErrorCode.superseded, text || supersededText);
  const known = code === CloseCode.authentication ? ErrorCode.authentication : ErrorCode.closed;
  return new PluginError(known, `the peer ended the session: ${text || `code ${code}`}`);
}
