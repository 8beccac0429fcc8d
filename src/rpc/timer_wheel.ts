import type { Scheduler } from "../mux/mod.ts";

/** Deadlines are met this exactly, in ms. */
const bucketMs = 8;
/** So much later than it should have, in ms, a timer fires only in a process that was stopped, or blocked. */
const lateMs = 250;
/** Time to read what came meanwhile, in ms. */
const catchUpMs = 50;

/** A deadline that was set. */
export interface Deadline {
  /** Called once it has passed. */
  readonly expire: () => void;
  bucket: number;
  isCleared: boolean;
}

/**
 * All deadlines of a process behind one timer: a timer each would cost more than the call it guards. Entries
 * lie in buckets of a few ms; the timer is set for the first of them. A process that was stopped works off what it was sent
 * before any of them is over.
 */
export class TimerWheel {
  readonly #scheduler: Pick<Scheduler, "now" | "setTimer">;
  readonly #buckets: Map<number, Set<Deadline>> = new Map();
  #timer: { cancel(): void } | undefined;
  #timerBucket = Number.POSITIVE_INFINITY;
  #isCatchingUp = false;

  constructor(scheduler: Pick<Scheduler, "now" | "setTimer">) {
    this.#scheduler = scheduler;
  }

  /** Deadlines that are set. */
  get size(): number {
    let size = 0;
    for (const bucket of this.#buckets.values()) size += bucket.size;
    return size;
  }

  /** Calls `expire` in `delayMs`, never early, and a few ms late at the most in a process that runs. */
  set(delayMs: number, expire: () => void): Deadline {
    const bucket = Math.ceil((this.#scheduler.now() + delayMs) / bucketMs);
    const entry: Deadline = { expire, bucket, isCleared: false };
    let entries = this.#buckets.get(bucket);
    if (entries === undefined) {
      entries = new Set();
      this.#buckets.set(bucket, entries);
    }
    entries.add(entry);
    if (bucket < this.#timerBucket) this.#arm(bucket);
    return entry;
  }

  /** Takes a deadline back. Idempotent. */
  clear(entry: Deadline): void {
    entry.isCleared = true;
    const entries = this.#buckets.get(entry.bucket);
    if (entries === undefined || !entries.delete(entry) || entries.size > 0) return;
    this.#buckets.delete(entry.bucket);
    if (this.#buckets.size === 0) this.#disarm();
  }

  #arm(bucket: number): void {
    this.#timer?.cancel();
    this.#timerBucket = bucket;
    // Timers of the runtimes take at most 31 bits of ms; a longer wait goes round again.
    const delayMs = Math.min(Math.max(0, bucket * bucketMs - this.#scheduler.now()), 0x7fff_ffff);
    this.#timer = this.#scheduler.setTimer(() => this.#fire(), delayMs);
  }

  #disarm(): void {
    this.#isCatchingUp = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerBucket = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    const now = this.#scheduler.now();
    if (!this.#isCatchingUp && now - this.#timerBucket * bucketMs > lateMs) {
      this.#isCatchingUp = true;
      this.#timer = this.#scheduler.setTimer(() => this.#fire(), catchUpMs);
      return;
    }
    this.#disarm();
    let next = Number.POSITIVE_INFINITY;
    const due: Deadline[] = [];
    for (const [bucket, entries] of this.#buckets) {
      if (bucket * bucketMs > now) {
        next = Math.min(next, bucket);
        continue;
      }
      this.#buckets.delete(bucket);
      for (const entry of entries) due.push(entry);
    }
    if (next < this.#timerBucket) this.#arm(next);
    // One that expires may clear another that is due with it.
    for (const entry of due.sort((a, b) => a.bucket - b.bucket)) if (!entry.isCleared) entry.expire();
  }
}
