import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ResetCode, type StreamReset } from "../mux/mod.ts";
import type { StreamTies } from "./stream_ties.ts";

/** Why the other side ended a stream before its end. */
export function thrownBy(ties: StreamTies, reset: StreamReset): unknown {
  const reason = ties.decodeReason(reset);
  if (reason !== undefined) return reason.thrown;
  if (reset.code === ResetCode.refused) {
    return new PluginError(ErrorCode.refused, `${ties.name} cannot be read: it has been read before`);
  }
  return new PluginError(ErrorCode.cancelled, `${ties.name} was given up by the other side`);
}

/** For an item that is larger than this side takes. */
export function tooLargeItem({ name }: StreamTies, totalBytes: number): PluginError {
  const text = `${name}: an item has ${totalBytes} bytes, more than are taken (limits.maxMessageBytes)`;
  return new PluginError(ErrorCode.tooLarge, text);
}

/** For a stream of something else than its contract says. @param what What came. */
export function wrongKind({ name }: StreamTies, what: string): PluginError {
  return new PluginError(ErrorCode.badMessage, `${name}: the other side sent ${what}`);
}

/** For a stream whose session ended before it. @param why With all that could be found out. */
export function lostStream({ name }: StreamTies, why: PluginError): PluginError {
  const { exitCode, signal, exceeded, stderr, plugin } = why;
  const text = `${name} ended before its time: ${why.message}`;
  return new PluginError(why.code, text, { exitCode, signal, exceeded, stderr, plugin, cause: why.cause });
}
