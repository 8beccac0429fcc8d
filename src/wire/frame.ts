/**
 * Layout of a frame: a header of nine bytes, big-endian, then the payload.
 *
 * ```text
 *  0       3      4       5           9
 *  | u24   | u8   | u8    | u32       | length bytes
 *  | length| type | flags | stream id | payload
 * ```
 *
 * PROTOCOL.md §4.1.
 */
export const frameHeaderBytes = 9;

/** Payload of a frame that every implementation takes, in bytes. A hello may say more. */
export const baseFrameBytes = 65_536;

/** Largest payload of a RESET's reason, in bytes. */
export const maxReasonBytes = 4_096;
/** Most credit that a half may have at once, in bytes. PROTOCOL.md §5.3. */
export const maxCredit = 0x7fff_ffff;

/** The types of frames. PROTOCOL.md §4.2. */
export const FrameType = {
  data: 0x00,
  bytes: 0x01,
  credit: 0x02,
  reset: 0x03,
  ping: 0x04,
  goAway: 0x05,
  control: 0x06,
  hello: 0x07,
  auth: 0x08,
} as const;
/** One of {@linkcode FrameType}. */
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Flags of DATA and BYTES. */
export const Flag = {
  /** The first frame of a stream. */
  open: 1,
  /** The message goes on in the next frame (DATA only). */
  more: 2,
  /** The last frame of this half. */
  end: 4,
} as const;

/** Flags of RESET. Both may be set. */
export const ResetFlag = {
  /** The sender of the frame ends its own half. */
  stopped: 1,
  /** The sender of the frame asks the receiver to end the other half. */
  stop: 2,
} as const;

/** Flag of PING: the answer to one. */
export const pingAck = 1;

/** Flag of GOAWAY: no new calls, but what runs goes on. */
export const goAwayDrain = 1;

interface Rule {
  readonly name: string;
  /** Flags that may be set. */
  readonly flags: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** True when the frame belongs to a stream, false when its stream id must be 0. */
  readonly onStream: boolean;
}

const unlimited = 0xff_ffff;

/** What holds for each type of frame, by its number. */
export const frameRules: readonly Rule[] = [
  { name: "DATA", flags: Flag.open | Flag.more | Flag.end, minBytes: 0, maxBytes: unlimited, onStream: true },
  { name: "BYTES", flags: Flag.open | Flag.end, minBytes: 0, maxBytes: unlimited, onStream: true },
  { name: "CREDIT", flags: 0, minBytes: 4, maxBytes: 4, onStream: true },
  {
    name: "RESET",
    flags: ResetFlag.stopped | ResetFlag.stop,
    minBytes: 2,
    maxBytes: 2 + maxReasonBytes,
    onStream: true,
  },
  { name: "PING", flags: pingAck, minBytes: 8, maxBytes: 8, onStream: false },
  { name: "GOAWAY", flags: goAwayDrain, minBytes: 6, maxBytes: 6 + maxReasonBytes, onStream: false },
  { name: "CONTROL", flags: 0, minBytes: 1, maxBytes: unlimited, onStream: false },
  { name: "HELLO", flags: 0, minBytes: 1, maxBytes: baseFrameBytes, onStream: false },
  { name: "AUTH", flags: 0, minBytes: 32, maxBytes: 32, onStream: false },
];

/** Name of a type of frame, for messages. */
export function frameName(type: number): string {
  return frameRules[type]?.name ?? `type 0x${type.toString(16).padStart(2, "0")}`;
}

/** Types 40–7F are skipped by whoever does not know them. */
export function isSkippable(type: number): boolean {
  return type >= 0x40 && type <= 0x7f;
}

/**
 * Says what is wrong with a frame's header.
 *
 * @param maxFrameBytes Largest payload the receiver takes.
 * @returns Plain words, or `undefined` when nothing is.
 */
export function headerFault(
  type: number,
  flags: number,
  streamId: number,
  length: number,
  maxFrameBytes: number,
): string | undefined {
  if (length > maxFrameBytes) return `a frame of ${length} bytes, but at most ${maxFrameBytes} are taken`;
  const rule = frameRules[type];
  if (rule === undefined) {
    if (isSkippable(type)) return undefined;
    return `a frame of unknown ${frameName(type)}`;
  }
  if ((flags & ~rule.flags) !== 0) return `${rule.name} with unknown flags 0x${flags.toString(16)}`;
  if (length < rule.minBytes || length > rule.maxBytes) return `${rule.name} with ${length} bytes`;
  if (rule.onStream !== (streamId !== 0)) return `${rule.name} on stream ${streamId}`;
  if (type === FrameType.data) return dataFault(flags, length);
  if (type === FrameType.reset && flags === 0) return "RESET without a flag";
  return undefined;
}

function dataFault(flags: number, length: number): string | undefined {
  const more = (flags & Flag.more) !== 0;
  const end = (flags & Flag.end) !== 0;
  if (more && end) return "DATA with both MORE and END";
  if (length === 0 && !end) return "DATA without a payload";
  return undefined;
}
