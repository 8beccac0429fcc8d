import type { PluginError } from "../errors/mod.ts";
import type { Traffic } from "./_traffic.ts";
import type { Admission } from "./admission.ts";
import { CloseCode } from "./codes.ts";
import type { MuxStream } from "./stream.ts";

/** Why a half ended before its time. */
export interface StreamReset {
  readonly code: number;
  /** CBOR, or empty. */
  readonly reason: Uint8Array;
}

/**
 * What happens on a stream. Methods must not throw.
 *
 * `message` and `bytes` come in order; each half then ends once: by `ended`, by `aborted`, or with the
 * session by `lost`.
 */
export interface StreamHandler {
  /** A whole message. `last` says that the peer's half ended with it. */
  message(payload: Uint8Array, last: boolean): void;
  /** Bytes of a byte stream. Their window opens again by {@linkcode MuxStream.consumed}. */
  bytes(chunk: Uint8Array): void;
  /** The peer ended its half without a further message. */
  ended(): void;
  /** The peer gave up its half. */
  aborted(reset: StreamReset): void;
  /** The peer began a message over `maxMessageBytes`; it was told to stop, and what still comes of it is dropped. */
  tooLarge(totalBytes: number): void;
  /**
   * The peer wants nothing more on this half; what was queued is dropped.
   * @returns `true` to end it later by `abort`: the stream lives until then. `false`: it is ended at once.
   */
  stopped(reset: StreamReset): boolean;
  /** The first frame is about to be written, after a wait. What was queued may be changed in place, or given up. */
  opening?(): void;
  /** What was queued for sending has been written, the end of the half included. */
  drained(): void;
  /** The session is over while this stream was not. */
  lost(error: PluginError): void;
}

/** What a stream needs of its session. */
export interface StreamPort {
  /** Largest payload of a frame in one turn, in bytes: it bounds how long a small message waits beside a large one. */
  readonly turnBytes: number;
  readonly maxMessageBytes: number;
  readonly traffic: Traffic;
  /** Room for large messages, by who opened the stream. */
  admission(stream: MuxStream): Admission;
  /** True when a frame may be written at once. */
  ready(stream: MuxStream): boolean;
  /** Puts the stream in line for a turn. */
  enqueue(stream: MuxStream): void;
  data(stream: MuxStream, flags: number, payload: Uint8Array): void;
  firstFragment(stream: MuxStream, flags: number, totalBytes: number, payload: Uint8Array): void;
  bytes(stream: MuxStream, flags: number, payload: Uint8Array): void;
  credit(stream: MuxStream, bytes: number): void;
  reset(stream: MuxStream, flags: number, code: number, reason: Uint8Array): void;
  /** Both halves are over. */
  finished(stream: MuxStream): void;
  /** Queued bytes of all streams changed by this much. */
  queued(stream: MuxStream, bytes: number): void;
}

/** A protocol error on a stream, with the code that the session's GOAWAY carries. */
export class StreamFault extends Error {
  readonly closeCode: number;
  constructor(message: string, closeCode: number = CloseCode.protocol) {
    super(message);
    this.closeCode = closeCode;
  }
}
