/** A world of two sessions with a clock of its own: nothing in it waits for real time. */
import type { PluginError } from "../../src/errors/mod.ts";
import type { GoAway, MuxStream, Scheduler, SessionHandler, StreamHandler } from "../../src/mux/mod.ts";
import { Session } from "../../src/mux/mod.ts";
import type { Link, LinkHandler } from "../../src/transport/link.ts";
import type { Limits } from "../../src/wire/mod.ts";
import { defaultLimits } from "../../src/wire/mod.ts";
import type { Random } from "./wire_random.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Events in the order of a clock that jumps from one to the next. */
export class SimulatedClock {
  nowMs = 0;
  #order = 0;
  readonly #heap: Event[] = [];
  #deferred: (() => void)[] = [];

  at(delayMs: number, run: () => void): Event {
    const event = { atMs: this.nowMs + delayMs, order: this.#order++, run, cancelled: false };
    this.#heap.push(event);
    this.#up(this.#heap.length - 1);
    return event;
  }

  /** Runs all there is. @returns `false` when it did not come to an end within `maxEvents`. */
  runAll(maxEvents = 1_000_000): boolean {
    this.#runDeferred();
    for (let count = 0; this.#heap.length > 0; count++) {
      if (count === maxEvents) return false;
      const event = this.#take();
      if (event.cancelled) continue;
      this.nowMs = event.atMs;
      event.run();
      this.#runDeferred();
    }
    return true;
  }

  scheduler(): Scheduler {
    return {
      now: () => this.nowMs,
      defer: (callback) => this.#deferred.push(callback),
      nextTurn: (callback) => void this.at(0, callback),
      setTimer: (callback, delayMs) => {
        const event = this.at(delayMs, callback);
        return {
          cancel: () => {
            event.cancelled = true;
          },
        };
      },
    };
  }

  #runDeferred(): void {
    while (this.#deferred.length > 0) {
      const callbacks = this.#deferred;
      this.#deferred = [];
      for (const callback of callbacks) callback();
    }
  }

  #isBefore(a: Event, b: Event): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #up(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #take(): Event {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#isBefore(heap[child]!, heap[least]!)) least = child;
      }
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}

/** How a simulated link behaves. */
export interface SimulatedLinkOptions {
  readonly random: Random;
  /** Longest time a piece is under way, in ms. */
  readonly maxDelayMs: number;
  /** Largest piece delivered. */
  readonly maxPieceBytes: number;
  /** Bytes that may wait before `write` gives `false`. */
  readonly capacityBytes: number;
}

/** One end of a link that delivers random pieces after random times, in order. */
export class SimulatedLink implements Link {
  readonly name = "simulated";
  writes = 0;
  writtenBytes = 0;
  /** Sees every piece before it is delivered here, and may give another. */
  tap: ((chunk: Uint8Array) => Uint8Array) | undefined;
  peer: SimulatedLink = this;
  readonly #clock: SimulatedClock;
  readonly #options: SimulatedLinkOptions;
  #handler: LinkHandler | undefined;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #blocked = false;
  #paused = false;
  #ended = false;
  #endTold = false;
  #over = false;

  static pair(clock: SimulatedClock, options: SimulatedLinkOptions): [SimulatedLink, SimulatedLink] {
    const left = new SimulatedLink(clock, options);
    const right = new SimulatedLink(clock, options);
    left.peer = right;
    right.peer = left;
    return [left, right];
  }

  constructor(clock: SimulatedClock, options: SimulatedLinkOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    this.peer.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended || this.#over) return true;
    this.writes++;
    this.writtenBytes += bytes.length;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#schedule();
    if (this.#queuedBytes <= this.#options.capacityBytes) return true;
    this.#blocked = true;
    return false;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#schedule();
  }

  destroy(): void {
    for (const side of [this, this.peer]) {
      if (side.#over) continue;
      side.#over = true;
      side.#queue.length = 0;
      this.#clock.at(0, () => side.#handler?.closed());
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.peer.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#over || this.peer.#handler === undefined) return;
    if (this.#queue.length === 0 && !this.#ended) return;
    this.#scheduled = true;
    const { random, maxDelayMs } = this.#options;
    this.#clock.at(random.next() * maxDelayMs, () => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    const { peer } = this;
    if (this.#over || peer.#paused) return;
    const { random, maxPieceBytes, capacityBytes } = this.#options;
    let budget = random.between(1, maxPieceBytes);
    while (budget > 0 && this.#queue.length > 0 && !this.#over && !peer.#paused) {
      const first = this.#queue[0]!;
      const piece = first.length <= budget ? first : first.subarray(0, budget);
      budget -= piece.length;
      this.#queuedBytes -= piece.length;
      if (piece === first) this.#queue.shift();
      else this.#queue[0] = first.subarray(piece.length);
      peer.#handler?.bytes(peer.tap?.(piece) ?? piece);
    }
    if (this.#blocked && this.#queuedBytes <= capacityBytes / 2) {
      this.#blocked = false;
      this.#handler?.drain();
    }
    if (this.#queue.length > 0) return this.#schedule();
    if (!this.#ended || this.#endTold || this.#over || peer.#paused) return;
    this.#endTold = true;
    peer.#handler?.end();
    if (peer.#endTold) this.destroy();
  }
}

/** A session handler that notes what it was told. */
export class NotingHandler implements SessionHandler {
  readonly goAways: GoAway[] = [];
  readonly controls: { readonly type: number; readonly payload: Uint8Array }[] = [];
  closes = 0;
  over = 0;
  error: PluginError | undefined;
  onOpened: (stream: MuxStream) => StreamHandler | undefined = () => undefined;

  opened(stream: MuxStream): StreamHandler | undefined {
    return this.onOpened(stream);
  }
  control(type: number, payload: Uint8Array): void {
    this.controls.push({ type, payload });
  }
  goAway(goAway: GoAway): void {
    this.goAways.push(goAway);
  }
  streamOver(): void {
    this.over++;
  }
  closed(error: PluginError | undefined): void {
    this.closes++;
    this.error = error;
  }
}

/** One side of the world. */
export interface SimulatedSide {
  readonly session: Session;
  readonly handler: NotingHandler;
  readonly link: SimulatedLink;
}

/** Limits of a session, and how much credit its streams begin with: less than the protocol's, so that tests come to its end. */
export interface TestLimits extends Partial<Limits> {
  readonly initialWindowBytes?: number;
}

/** Two sessions over a simulated link, past their hello. */
export function simulate(
  clock: SimulatedClock,
  link: SimulatedLinkOptions,
  limits: TestLimits = {},
  lastStreams?: { readonly host: number; readonly plugin: number },
  turnBytes?: () => number,
): { host: SimulatedSide; plugin: SimulatedSide } {
  const [left, right] = SimulatedLink.pair(clock, link);
  const all = { ...defaultLimits, ...limits };
  const side = (end: SimulatedLink, role: "host" | "plugin"): SimulatedSide => {
    const handler = new NotingHandler();
    const remote = role === "host" ? "plugin" : "host";
    const after = lastStreams && { local: lastStreams[role], remote: lastStreams[remote] };
    const session = new Session(end, {
      role,
      limits: all,
      initialWindowBytes: limits.initialWindowBytes,
      scheduler: clock.scheduler(),
      handler,
      after,
      turnBytes: turnBytes?.(),
    });
    session.start();
    session.admit(all.maxStreams);
    return { session, handler, link: end };
  };
  return { host: side(left, "host"), plugin: side(right, "plugin") };
}
