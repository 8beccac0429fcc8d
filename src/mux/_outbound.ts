import { type Link, writeBufferBytes } from "../transport/link.ts";
import { Ring } from "../transport/ring.ts";
import { FrameEncoder } from "../wire/mod.ts";
import type { Scheduler } from "./scheduler.ts";
import type { MuxStream } from "./stream.ts";

/** How often a flush waits for more frames from the same turn of the event loop. */
const flushRounds = 4;

/**
 * The way out: frames are gathered and leave in one write a turn of the event loop; streams with more to send
 * than that take turns; and while the link holds `writeBufferBytes`, all of them wait.
 */
export class Outbound {
  readonly encoder: FrameEncoder;
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #inLine: Ring<MuxStream> = new Ring();
  readonly #flushLater: () => void = () => this.#onFlush();
  readonly #flushLate: () => void = () => {
    this.#latePending = false;
    if (!this.#flushPending && !this.#blocked) this.encoder.flush();
  };
  #latePending = false;
  #blocked = false;
  #blockedBytes = 0;
  #flushPending = false;
  #flushMark = 0;
  #flushRound = 0;
  #running = false;

  constructor(link: Link, scheduler: Scheduler) {
    this.#link = link;
    this.#scheduler = scheduler;
    this.encoder = new FrameEncoder(
      (bytes) => this.#write(bytes),
      () => link.hasTaken === true,
    );
  }

  /** True when a frame may be written past the line. */
  get isFree(): boolean {
    return !this.#blocked && this.#inLine.length === 0;
  }

  /** True when streams wait for a turn, beside the one that has it. */
  get isCrowded(): boolean {
    return this.#inLine.length > 0;
  }

  /** Bytes given to the link since it had no more room: frames that do not wait for it. */
  get blockedBytes(): number {
    return this.#blockedBytes;
  }

  /** Sends what was written, at the end of this turn of the event loop. */
  schedule(): void {
    if (this.#flushPending) return;
    this.#flushPending = true;
    this.#flushRound = 0;
    this.#flushMark = this.encoder.pendingBytes;
    this.#scheduler.defer(this.#flushLater);
  }

  /** Sends what was written, at the end of this turn at the latest: with all that is written meanwhile. */
  scheduleLate(): void {
    if (this.#flushPending || this.#latePending) return;
    this.#latePending = true;
    this.#scheduler.nextTurn(this.#flushLate);
  }

  /** Sends what was written, now. */
  flush(): void {
    this.encoder.flush();
  }

  /** Puts a stream in line for a turn. */
  enqueue(stream: MuxStream): void {
    if (!stream.inLine) {
      stream.inLine = true;
      this.#inLine.push(stream);
    }
    this.#run();
  }

  /** The link has room again. */
  drained(): void {
    this.#blocked = false;
    this.#blockedBytes = 0;
    this.encoder.flush();
    this.#run();
  }

  /** All that are in line; they wait no more. */
  takeInLine(): MuxStream[] {
    const streams: MuxStream[] = [];
    for (let next = this.#inLine.shift(); next !== undefined; next = this.#inLine.shift()) {
      next.inLine = false;
      streams.push(next);
    }
    return streams;
  }

  #run(): void {
    // A turn may end a stream, whose handler may put another one in line.
    if (this.#running) return;
    this.#running = true;
    try {
      while (!this.#blocked && this.#inLine.length > 0) {
        const stream = this.#inLine.shift()!;
        stream.inLine = false;
        // In its turn it may have queued more, and stand in line again by that.
        if (!stream.takeTurn() || stream.inLine) continue;
        stream.inLine = true;
        this.#inLine.push(stream);
      }
    } finally {
      this.#running = false;
    }
  }

  #onFlush(): void {
    const pending = this.encoder.pendingBytes;
    // Answers to what came in one read are written by chains of promises of different lengths: as long as more
    // is being written, one write for all of it is cheaper than one for each.
    if (pending !== this.#flushMark && pending < writeBufferBytes / 2 && this.#flushRound < flushRounds) {
      this.#flushRound++;
      this.#flushMark = pending;
      this.#scheduler.defer(this.#flushLater);
      return;
    }
    this.#flushPending = false;
    if (!this.#blocked) this.encoder.flush();
  }

  #write(bytes: Uint8Array): void {
    if (this.#blocked) this.#blockedBytes += bytes.length;
    if (!this.#link.write(bytes)) this.#blocked = true;
  }
}
