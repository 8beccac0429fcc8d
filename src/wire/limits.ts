import { baseFrameBytes, maxCredit } from "./frame.ts";

/**
 * Every limit of a session, in one place. Each side states its own in the hello; what a peer sends past them
 * is refused before memory is taken for it.
 *
 * PROTOCOL.md §9.
 */
export interface Limits {
  /** Largest frame payload this side accepts, in bytes. At least 65,536. Default 65,536. */
  readonly maxFrameBytes: number;
  /** Streams the peer may have open at once; further calls wait at the caller. Default 1,024. */
  readonly maxStreams: number;
  /** Largest message, in bytes. Default 128 MiB. */
  readonly maxMessageBytes: number;
  /** Bytes held for messages larger than their window, each way. At least `maxMessageBytes`. Default 256 MiB. */
  readonly maxBufferedBytes: number;
  /** Credit of a byte stream once somebody reads it, in bytes; four times as much while it is alone. Default 262,144. */
  readonly windowBytes: number;
  /** Bytes of replies and control frames that may wait for a peer that does not read. Default 16 MiB. */
  readonly maxQueuedBytes: number;
  /** Deepest nesting of a value. Default 100. */
  readonly maxDepth: number;
  /**
   * What one message may take to decode: each item of an array counts 1, a text 2 more, an array 8, a map 16 and 2 for each
   * key, a byte string, big integer or date 32. It bounds memory and time where bytes do not: 128 MiB could hold as many empty
   * maps. Default 33,554,432.
   */
  readonly maxValues: number;
  /** Contracts the peer may hold dispensed at once. Default 1,024. */
  readonly maxDispensed: number;
  /** References that one side may hold of the other at once. Default 65,536. */
  readonly maxReferences: number;
  /** Time a connection has to say hello and prove itself, in ms. Default 5,000. */
  readonly helloTimeoutMs: number;
  /** Connections that have not proved themselves yet. Default 8. */
  readonly maxUnproved: number;
}

/** Credit of a stream at its start, in bytes: fixed by the protocol. PROTOCOL.md §5.3. */
export const initialWindowBytes = 65_536;

/** The defaults of {@linkcode Limits}. */
export const defaultLimits: Limits = {
  maxFrameBytes: 65_536,
  maxStreams: 1_024,
  maxMessageBytes: 128 * 1024 * 1024,
  maxBufferedBytes: 256 * 1024 * 1024,
  windowBytes: 262_144,
  maxQueuedBytes: 16 * 1024 * 1024,
  maxDepth: 100,
  maxValues: 33_554_432,
  maxDispensed: 1_024,
  maxReferences: 65_536,
  helloTimeoutMs: 5_000,
  maxUnproved: 8,
};

/**
 * The limits that options ask for, those left out with their defaults.
 * @throws RangeError for one that no hello could say, or two that do not fit together.
 */
export function fullLimits(given: Partial<Limits> = {}): Limits {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(named) };
  const least = baseFrameBytes;
  checkRange("maxFrameBytes", limits.maxFrameBytes, least, 0xff_ffff);
  checkRange("maxStreams", limits.maxStreams, 1, 0xffff_ffff);
  checkRange("maxMessageBytes", limits.maxMessageBytes, least, 0xffff_ffff);
  checkRange("maxDispensed", limits.maxDispensed, 0, 0xffff_ffff);
  checkRange("maxReferences", limits.maxReferences, 0, 0xffff_ffff);
  checkRange("maxBufferedBytes", limits.maxBufferedBytes, least, Number.MAX_SAFE_INTEGER);
  checkRange("maxQueuedBytes", limits.maxQueuedBytes, least, Number.MAX_SAFE_INTEGER);
  checkRange("windowBytes", limits.windowBytes, least, maxCredit);
  checkRange("maxDepth", limits.maxDepth, 8, 1_000);
  checkRange("maxValues", limits.maxValues, 65_536, Number.MAX_SAFE_INTEGER);
  checkRange("helloTimeoutMs", limits.helloTimeoutMs, 1, 0x7fff_ffff);
  checkRange("maxUnproved", limits.maxUnproved, 1, 0xffff_ffff);
  if (limits.maxBufferedBytes < limits.maxMessageBytes) {
    throw new RangeError(
      `limits.maxBufferedBytes (${limits.maxBufferedBytes}) must be at least limits.maxMessageBytes (${limits.maxMessageBytes})`,
    );
  }
  return limits;
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`limits.${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
