import { ErrorCode, PluginError } from "../errors/mod.ts";
import { Flag, FrameType, frameHeaderBytes, frameRules, headerFault } from "./frame.ts";
import { describeForeign, preface } from "./preface.ts";
import { isText, quoteBytes } from "./quote.ts";

/** Takes decoded frames. The payload is a view of the bytes pushed. */
export interface FrameSink {
  frame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void;
}

const empty = new Uint8Array(0);
/** More frames than the bytes of one push can hold, and still a small integer to the engines. */
const noFrameLimit = 0x3fff_ffff;

/**
 * Turns the bytes of a session into frames, whatever pieces they come in: first the preface, then frames.
 *
 * BYTES frames are given on as they arrive: one that is split over pieces gives several, of which the first
 * carries OPEN and the last END. That means the same, and no byte of a stream is copied. All other
 * frames are given whole.
 *
 * It never holds more than one frame of `maxFrameBytes`, and takes memory for it only once the header was
 * found good. PROTOCOL.md §3, §4.1.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #head = new Uint8Array(frameHeaderBytes);
  #maxFrameBytes: number;
  #prefaceLeft = preface.length;
  #stopped = false;
  #frameCount = 0;
  /** How far `frameCount` may go in this push. */
  #frameLimit = 0;
  #headHave = 0;
  /** Inside a payload: its frame, and what is still to come. */
  #inPayload = false;
  #type = 0;
  #flags = 0;
  #streamId = 0;
  #left = 0;
  /** Where the payload of a whole frame gathers. */
  #body: Uint8Array = empty;

  /**
   * @param maxFrameBytes Largest payload taken, in bytes.
   * @param sink Called for each frame, from inside {@linkcode FrameDecoder.push}.
   */
  constructor(maxFrameBytes: number, sink: FrameSink) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#sink = sink;
  }

  /** Ignores all bytes from now on. */
  stop(): void {
    this.#stopped = true;
    this.#body = empty;
  }

  /** Frames met so far, those of types that are skipped among them. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /** Leaves what is left of the bytes being pushed, after the present frame: called from inside the sink. */
  interrupt(): void {
    this.#frameLimit = 0;
  }

  /**
   * Takes the next bytes; they belong to the decoder and to who gets the frames.
   *
   * @param from Where in them to begin. Default 0.
   * @param maxFrames How many frames to take. Default: all.
   * @returns Where it came to: what is left is to be pushed again.
   * @throws PluginError `not_plugwire` for another preface, `protocol` for a frame against the rules. After that the
   * decoder has stopped.
   */
  push(chunk: Uint8Array, from = 0, maxFrames: number = noFrameLimit): number {
    if (this.#stopped) return chunk.length;
    this.#frameLimit = this.#frameCount + maxFrames;
    let at = this.#prefaceLeft > 0 ? this.#readPreface(chunk) : from;
    while (at < chunk.length && this.#frameCount < this.#frameLimit && !this.#stopped) {
      at = this.#inPayload ? this.#readPayload(chunk, at) : this.#readHeader(chunk, at);
    }
    return this.#stopped ? chunk.length : at;
  }

  #readPreface(chunk: Uint8Array): number {
    const from = preface.length - this.#prefaceLeft;
    const count = Math.min(this.#prefaceLeft, chunk.length);
    for (let i = 0; i < count; i++) {
      if (chunk[i] === preface[from + i]) continue;
      this.stop();
      const met = new Uint8Array(from + chunk.length);
      met.set(preface.subarray(0, from));
      met.set(chunk, from);
      throw new PluginError(
        ErrorCode.notPlugwire,
        `not a Plugwire session: expected the preface ${quoteBytes(preface)}, got ${describeForeign(met)}`,
      );
    }
    this.#prefaceLeft -= count;
    return count;
  }

  #readHeader(chunk: Uint8Array, start: number): number {
    let at = start;
    let head = chunk;
    let from = start;
    if (this.#headHave > 0 || chunk.length - start < frameHeaderBytes) {
      const count = Math.min(frameHeaderBytes - this.#headHave, chunk.length - start);
      this.#head.set(chunk.subarray(start, start + count), this.#headHave);
      this.#headHave += count;
      if (this.#headHave < frameHeaderBytes) return start + count;
      this.#headHave = 0;
      head = this.#head;
      from = 0;
      at = start + count;
    } else {
      at = start + frameHeaderBytes;
    }
    this.#frameCount++;
    const length = (head[from]! << 16) | (head[from + 1]! << 8) | head[from + 2]!;
    const type = head[from + 3]!;
    const flags = head[from + 4]!;
    const streamId =
      ((head[from + 5]! << 24) | (head[from + 6]! << 16) | (head[from + 7]! << 8) | head[from + 8]!) >>> 0;
    const fault = headerFault(type, flags, streamId, length, this.#maxFrameBytes);
    if (fault !== undefined) this.#fail(fault, head.subarray(from, from + frameHeaderBytes), chunk.subarray(at));
    if (chunk.length - at >= length) {
      if (frameRules[type] !== undefined) {
        this.#sink.frame(type as FrameType, flags, streamId, length === 0 ? empty : chunk.subarray(at, at + length));
      }
      return at + length;
    }
    this.#inPayload = true;
    this.#type = type;
    this.#flags = flags;
    this.#streamId = streamId;
    this.#left = length;
    if (type !== FrameType.bytes && frameRules[type] !== undefined) this.#body = new Uint8Array(length);
    return at;
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#left, chunk.length - at);
    const piece = chunk.subarray(at, at + count);
    const last = count === this.#left;
    if (this.#type === FrameType.bytes) {
      const flags = last ? this.#flags : this.#flags & ~Flag.end;
      this.#flags &= ~Flag.open;
      this.#left -= count;
      this.#inPayload = !last;
      this.#sink.frame(FrameType.bytes, flags, this.#streamId, piece);
      return at + count;
    }
    if (this.#body.length > 0) this.#body.set(piece, this.#body.length - this.#left);
    this.#left -= count;
    if (!last) return at + count;
    this.#inPayload = false;
    const body = this.#body;
    this.#body = empty;
    if (body.length > 0) this.#sink.frame(this.#type as FrameType, this.#flags, this.#streamId, body);
    return at + count;
  }

  #fail(fault: string, head: Uint8Array, rest: Uint8Array): never {
    this.stop();
    const text = isText(head) ? "; the bytes read as text, so something else wrote into the session" : "";
    const seen = new Uint8Array(head.length + Math.min(rest.length, 32));
    seen.set(head);
    seen.set(rest.subarray(0, 32), head.length);
    throw new PluginError(ErrorCode.protocol, `the peer sent ${fault}: ${quoteBytes(seen)}${text}`);
  }
}
