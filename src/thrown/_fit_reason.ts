import { maxReasonBytes } from "../wire/mod.ts";
import { shortened } from "./remote_error.ts";

/** Tried one after the other: at three bytes a unit the last one fits with room for the rest. */
const messageLengths = [3_072, 1_024, 512] as const;
const noReason = new Uint8Array(0);

/**
 * Encodes a reason so that it fits into a RESET: of one too long, causes and fields go first, then the message's end.
 * PROTOCOL.md §5.4, §8.4.
 *
 * @param body What describes it: a thrown value or a failure, as they cross.
 * @returns At most 4,096 bytes; none when not even its class can be told.
 */
export function fitReason(body: unknown, encode: (body: unknown) => Uint8Array): Uint8Array {
  for (const candidate of candidates(body)) {
    try {
      const bytes = encode(candidate);
      if (bytes.length <= maxReasonBytes) return bytes;
    } catch {
      // What refuses it may be in a part that the next one goes without.
    }
  }
  return noReason;
}

function* candidates(body: unknown): Generator<unknown> {
  yield body;
  for (const length of messageLengths) yield shortened(body, length);
}
