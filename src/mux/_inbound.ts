import type { Link } from "../transport/link.ts";
import { FrameDecoder, type FrameSink } from "../wire/mod.ts";
import type { Scheduler } from "./scheduler.ts";

/** Frames taken up in one turn of the event loop. */
const framesPerTurn = 4_096;
/** Time that the bytes of one read may take, in ms. */
const readMs = 5;
/** Frames between two looks at the clock. */
const framesPerLook = 64;
/** Frames from which on the turns are told apart: most reads bring fewer, and a session of few frames pays nothing for it. */
const framesUncounted = 256;

/** What {@linkcode Inbound} calls. */
export interface InboundHandler extends FrameSink {
  /** The peer's direction has ended, and all that it sent was taken up. */
  end(): void;
  /** Bytes against the rules; nothing more is taken up. */
  fault(error: unknown): void;
}

/**
 * The way in: bytes become frames, as many in one turn of the event loop as leave time for timers and for other
 * sessions, whatever floods in. What is left waits, and the link with it.
 */
export class Inbound {
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #handler: InboundHandler;
  readonly #decoder: FrameDecoder;
  readonly #newTurn: () => void = () => this.#onNewTurn();
  /** In the order of arrival, of the first what is left. */
  #waiting: Uint8Array[] = [];
  #isTaking = false;
  #isHeld = false;
  /** The turn's share is used up. */
  #isSpent = false;
  #isStopped = false;
  #isPaused = false;
  #endWaits = false;
  /** The decoder's count when the turn began. */
  #turnMark = 0;
  #turnPending = false;

  constructor(link: Link, maxFrameBytes: number, scheduler: Scheduler, handler: InboundHandler) {
    this.#link = link;
    this.#scheduler = scheduler;
    this.#handler = handler;
    this.#decoder = new FrameDecoder(maxFrameBytes, handler);
  }

  /** Takes bytes of the link. */
  bytes(chunk: Uint8Array): void {
    if (this.#isStopped) return;
    if (this.#isBlocked || this.#waiting.length > 0) this.#waiting.push(chunk);
    else this.#take(chunk);
  }

  /** The link has ended. */
  end(): void {
    if (this.#isBlocked || this.#waiting.length > 0) this.#endWaits = true;
    else this.#handler.end();
  }

  /** Keeps what arrives from now on, until {@linkcode Inbound.release}. */
  hold(): void {
    if (this.#isHeld || this.#isStopped) return;
    this.#isHeld = true;
    this.#decoder.interrupt();
    this.#pause();
  }

  /** Takes up what was kept. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#goOn();
  }

  /** The link has closed: takes up at once what waited for a turn. */
  finish(): void {
    const waiting = this.#isHeld ? [] : this.#waiting;
    this.#waiting = [];
    this.#endWaits = false;
    for (const chunk of waiting) this.#push(chunk, 0);
    this.stop();
  }

  /** Takes up nothing more. What waited is dropped, so that the peer's end comes through. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#decoder.stop();
    this.#waiting = [];
    this.#resume();
    this.#isHeld = false;
    this.#isSpent = false;
    this.#endWaits = false;
  }

  get #isBlocked(): boolean {
    return this.#isHeld || this.#isSpent;
  }

  #push(chunk: Uint8Array, from: number, maxFrames?: number): number {
    try {
      return this.#decoder.push(chunk, from, maxFrames);
    } catch (error) {
      this.#handler.fault(error);
      return chunk.length;
    }
  }

  /** Takes up a read, or as much of it as may be: what is left is put back at the head. */
  #take(chunk: Uint8Array): void {
    this.#isTaking = true;
    let at = 0;
    let beganMs: number | undefined;
    for (;;) {
      at = this.#push(chunk, at, framesPerLook);
      const frames = this.#decoder.frameCount - this.#turnMark;
      if (frames >= framesUncounted) this.#tellTurns();
      if (at >= chunk.length || this.#isHeld) break;
      const nowMs = this.#scheduler.now();
      beganMs ??= nowMs;
      if (frames < framesPerTurn && nowMs - beganMs < readMs) continue;
      this.#isSpent = true;
      this.#tellTurns();
      this.#pause();
      break;
    }
    this.#isTaking = false;
    if (this.#isStopped) return;
    if (at < chunk.length) this.#waiting.unshift(chunk.subarray(at));
    else if (!this.#isBlocked && this.#waiting.length === 0) this.#resume();
  }

  #tellTurns(): void {
    if (this.#turnPending) return;
    this.#turnPending = true;
    this.#scheduler.nextTurn(this.#newTurn);
  }

  #onNewTurn(): void {
    this.#turnPending = false;
    this.#turnMark = this.#decoder.frameCount;
    if (!this.#isSpent) return;
    this.#isSpent = false;
    this.#goOn();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#link.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#link.resume();
  }

  #goOn(): void {
    // Released again from inside a frame: the read goes on by itself.
    if (this.#isTaking) return;
    while (!this.#isBlocked && this.#waiting.length > 0) this.#take(this.#waiting.shift()!);
    if (this.#isBlocked || this.#isStopped) return;
    this.#resume();
    if (!this.#endWaits) return;
    this.#endWaits = false;
    this.#handler.end();
  }
}
