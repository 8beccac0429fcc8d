import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { NamedCall } from "./reference_kind.ts";

/** Calls that streams of this side are arguments of. */
const lentTo: WeakMap<object, NamedCall> = new WeakMap();

/**
 * Passes a stream to a call. Two calls would take its items from each other, and neither would know.
 *
 * @param isOnce It gives its items once, whoever asks. @throws PluginError `unsupported_value` while another call has it.
 */
export function lendStream(stream: object, call: NamedCall, isOnce: boolean): void {
  const before = lentTo.get(stream);
  if (isOnce && before !== undefined && before !== call && before.isSettled === false) {
    const text = `it is passed to ${before.contract}.${before.label} already, which has not ended: a stream can cross once; make another one for each call, or send what tee() gives`;
    throw new PluginError(ErrorCode.unsupportedValue, text);
  }
  lentTo.set(stream, call);
}

/** The other side has let go of it. */
export function streamReturned(stream: object): void {
  lentTo.delete(stream);
}
