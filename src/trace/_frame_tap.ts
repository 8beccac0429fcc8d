import { FrameType, frameHeaderBytes, preface } from "../wire/mod.ts";

/** Of longer payloads only the beginning is looked at. */
const maxGatheredBytes = 65_536;
const none = new Uint8Array(0);

/** What a {@linkcode FrameTap} tells of. */
export interface FrameWatcher {
  /** The first bytes were those of a session, or were not: then nothing follows. */
  preface(isGood: boolean): void;
  /** A frame has passed wholly. @param payload Its beginning; of BYTES nothing. */
  frame(type: number, flags: number, stream: number, length: number, payload: Uint8Array): void;
}

/**
 * Looks on at the bytes of one direction and finds the frames in them, whatever pieces they come in. It judges nothing and
 * changes nothing. PROTOCOL.md §3, §4.1.
 */
export class FrameTap {
  readonly #watcher: FrameWatcher;
  readonly #head: Uint8Array = new Uint8Array(frameHeaderBytes);
  #prefaceHave = 0;
  #isForeign = false;
  #headHave = 0;
  #isInPayload = false;
  #length = 0;
  #left = 0;
  #gathered: Uint8Array = none;

  constructor(watcher: FrameWatcher) {
    this.#watcher = watcher;
  }

  /** Looks at the next bytes, and keeps none of them. */
  push(chunk: Uint8Array): void {
    let at = this.#readPreface(chunk);
    while (at < chunk.length && !this.#isForeign) {
      at = this.#isInPayload ? this.#readPayload(chunk, at) : this.#readHead(chunk, at);
    }
  }

  #readPreface(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceHave < preface.length && !this.#isForeign) {
      this.#isForeign = chunk[at++] !== preface[this.#prefaceHave++];
      if (this.#isForeign || this.#prefaceHave === preface.length) this.#watcher.preface(!this.#isForeign);
    }
    return at;
  }

  #readHead(chunk: Uint8Array, start: number): number {
    const count = Math.min(frameHeaderBytes - this.#headHave, chunk.length - start);
    this.#head.set(chunk.subarray(start, start + count), this.#headHave);
    this.#headHave += count;
    const at = start + count;
    if (this.#headHave < frameHeaderBytes) return at;
    this.#headHave = 0;
    const head = this.#head;
    this.#length = (head[0]! << 16) | (head[1]! << 8) | head[2]!;
    if (chunk.length - at >= this.#length) {
      this.#tell(this.#isBytes ? none : chunk.subarray(at, at + this.#length));
      return at + this.#length;
    }
    this.#isInPayload = true;
    this.#left = this.#length;
    this.#gathered = this.#isBytes ? none : new Uint8Array(Math.min(this.#length, maxGatheredBytes));
    return at;
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#left, chunk.length - at);
    const have = this.#length - this.#left;
    const room = this.#gathered.length - have;
    if (room > 0) this.#gathered.set(chunk.subarray(at, at + Math.min(count, room)), have);
    this.#left -= count;
    if (this.#left > 0) return at + count;
    this.#isInPayload = false;
    this.#tell(this.#gathered);
    this.#gathered = none;
    return at + count;
  }

  get #isBytes(): boolean {
    return this.#head[3] === FrameType.bytes;
  }

  #tell(payload: Uint8Array): void {
    const head = this.#head;
    const stream = ((head[5]! << 24) | (head[6]! << 16) | (head[7]! << 8) | head[8]!) >>> 0;
    this.#watcher.frame(head[3]!, head[4]!, stream, this.#length, payload);
  }
}
