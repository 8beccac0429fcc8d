import assert from "node:assert/strict";
import type { PluginError } from "../../src/errors/mod.ts";
import type { MuxStream, StreamHandler, StreamReset } from "../../src/mux/mod.ts";
import { ResetCode } from "../../src/mux/mod.ts";
import { defaultLimits } from "../../src/wire/mod.ts";
import { SimulatedClock, type SimulatedSide, simulate } from "./mux_simulator.ts";
import { Random } from "./wire_random.ts";

/** What was met over all schedules, so that a test can tell that they were worth running. */
export interface ScheduleTally {
  calls: number;
  answered: number;
  reset: number;
  callbacks: number;
  largerThanWindow: number;
  tooLarge: number;
  byteStreams: number;
  bytes: number;
  lost: number;
  waited: number;
}

export function emptyTally(): ScheduleTally {
  return {
    calls: 0,
    answered: 0,
    reset: 0,
    callbacks: 0,
    largerThanWindow: 0,
    tooLarge: 0,
    byteStreams: 0,
    bytes: 0,
    lost: 0,
    waited: 0,
  };
}

interface Plan {
  readonly windowBytes: number;
  readonly maxMessageBytes: number;
  readonly maxStreams: number;
  readonly maxDepth: number;
  readonly resetChance: number;
  /** Every call is given up after this time: where calls that wait for places could wait for each other. */
  readonly deadlineMs: number | undefined;
}

/** Half of a stream as its handler saw it: each ends exactly once. */
class Half {
  readonly name: string;
  ends = 0;
  constructor(name: string) {
    this.name = name;
  }
  end(how: string): void {
    this.ends++;
    assert.equal(this.ends, 1, `${this.name} ended again, by ${how}`);
  }
}

/** One seeded schedule: two sides that call each other, with everything random that may be. */
export class Schedule {
  readonly clock: SimulatedClock = new SimulatedClock();
  readonly random: Random;
  readonly plan: Plan;
  readonly tally: ScheduleTally;
  readonly host: SimulatedSide;
  readonly plugin: SimulatedSide;
  readonly halves: Half[] = [];
  /** Calls and byte streams begun and not over. */
  outstanding = 0;

  constructor(seed: number, tally: ScheduleTally) {
    this.random = new Random(seed);
    this.tally = tally;
    const { random } = this;
    const tiny = random.chance(0.25);
    const windowBytes = random.pick([64, 200, 1_000]);
    const maxMessageBytes = windowBytes * random.between(2, 8);
    this.plan = {
      windowBytes,
      maxMessageBytes,
      maxStreams: tiny ? random.between(1, 4) : 1_024,
      maxDepth: random.between(0, 4),
      resetChance: random.pick([0, 0.1, 0.4]),
      deadlineMs: tiny ? 2_000 : undefined,
    };
    const link = {
      random,
      maxDelayMs: random.pick([0, 1, 20]),
      maxPieceBytes: random.pick([7, 100, 4_000]),
      capacityBytes: random.pick([0, 300, 65_536]),
    };
    const limits = {
      initialWindowBytes: windowBytes,
      windowBytes: windowBytes * 2,
      maxMessageBytes,
      maxBufferedBytes: maxMessageBytes + random.below(maxMessageBytes),
      maxStreams: this.plan.maxStreams,
      maxQueuedBytes: defaultLimits.maxQueuedBytes,
    };
    const wraps = random.chance(0.2) ? { host: 0xffff_fff9, plugin: 0xffff_fffa } : undefined;
    // Turns of a size that small messages take several of.
    const turnBytes = () => random.pick([16, 100, 32_752]);
    const { host, plugin } = simulate(this.clock, link, limits, wraps, turnBytes);
    this.host = host;
    this.plugin = plugin;
    for (const side of [host, plugin]) {
      side.handler.onOpened = (stream) => (random.chance(0.02) ? undefined : new Callee(this, side, stream));
    }
  }

  run(): void {
    const { random, clock } = this;
    for (let count = random.between(1, 12); count > 0; count--) {
      const side = random.chance(0.5) ? this.host : this.plugin;
      const begin = random.chance(0.25)
        ? () => new BytesCaller(this, side)
        : () => new Caller(this, side, this.plan.maxDepth, () => {});
      clock.at(random.next() * 100, begin);
    }
    const isCut = random.chance(0.1);
    if (isCut) clock.at(random.next() * 200, () => this.#cut());
    assert.ok(clock.runAll(), "events without end");
    const sides = [this.host, this.plugin];
    for (const { session } of sides) {
      if (!isCut) assert.equal(session.error, undefined);
      assert.equal(session.streamCount, 0, "streams left");
      assert.equal(session.waitingCount, 0, "streams left waiting");
      if (!isCut) assert.deepEqual(session.admittedBytes, { calls: 0, replies: 0 }, "room not given back");
    }
    assert.equal(this.outstanding, 0, "a deadlock: nothing is scheduled, and calls are outstanding");
    for (const half of this.halves) assert.equal(half.ends, 1, `${half.name} never ended`);
    this.host.session.close();
    assert.ok(clock.runAll());
    for (const { handler } of sides) assert.equal(handler.closes, 1);
    if (!isCut) for (const { handler } of sides) assert.equal(handler.error, undefined);
  }

  #cut(): void {
    const { random, host, plugin } = this;
    const { session, link } = random.chance(0.5) ? host : plugin;
    if (random.chance(0.5)) session.close();
    else link.destroy();
  }

  half(name: string): Half {
    const half = new Half(name);
    this.halves.push(half);
    return half;
  }

  /** A message that says how long it is and what its bytes are. */
  message(mayBeTooLarge = true): Uint8Array {
    const { random, plan } = this;
    const size = random.next();
    let length = 1 + random.below(40);
    if (size > 0.6) length = 1 + random.below(plan.maxMessageBytes);
    if (size > 0.85) length = plan.maxMessageBytes - random.below(8);
    if (size > 0.97 && mayBeTooLarge) length = plan.maxMessageBytes + 1 + random.below(100);
    if (length > plan.windowBytes) this.tally.largerThanWindow++;
    const payload = new Uint8Array(length);
    for (let i = 0; i < length; i++) payload[i] = (i * 7 + length) & 0xff;
    return payload;
  }

  check(payload: Uint8Array): void {
    const { length } = payload;
    for (let i = 0; i < length; i++) {
      if (payload[i] !== ((i * 7 + length) & 0xff)) assert.fail(`byte ${i} of ${length} is wrong`);
    }
  }

  later(longestMs: number, run: () => void): void {
    this.clock.at(this.random.next() * longestMs, run);
  }
}

/** What both ends of a call have in common: the half that is received ends exactly once. */
class Party implements StreamHandler {
  readonly schedule: Schedule;
  readonly side: SimulatedSide;
  readonly receiving: Half;
  #isDone = false;

  constructor(schedule: Schedule, side: SimulatedSide, name: string) {
    this.schedule = schedule;
    this.side = side;
    this.receiving = schedule.half(name);
    schedule.outstanding++;
  }

  done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.schedule.outstanding--;
  }

  message(payload: Uint8Array, last: boolean): void {
    this.schedule.check(payload);
    if (last) this.receiving.end("a last message");
  }
  bytes(_chunk: Uint8Array): void {}
  ended(): void {
    this.receiving.end("END");
  }
  aborted(_reset: StreamReset): void {
    this.receiving.end("RESET");
  }
  tooLarge(_totalBytes: number): void {
    this.schedule.tally.tooLarge++;
  }
  stopped(_reset: StreamReset): boolean {
    return false;
  }
  drained(): void {}
  lost(_error: PluginError): void {
    this.schedule.tally.lost++;
    if (this.receiving.ends === 0) this.receiving.end("the loss of the session");
    this.done();
  }
}

/** Who calls: one message, then one answer; now and then it gives up. */
class Caller extends Party {
  readonly stream: MuxStream;
  readonly #settled: () => void;
  #isSettled = false;

  constructor(schedule: Schedule, side: SimulatedSide, depth: number, settled: () => void) {
    super(schedule, side, "the answer of a call");
    this.#settled = settled;
    const { random, plan, tally } = schedule;
    tally.calls++;
    this.stream = side.session.open(this);
    this.stream.send(new Uint8Array([1, depth]), false);
    this.stream.send(schedule.message(), true);
    if (this.stream.isWaiting) tally.waited++;
    if (random.chance(plan.resetChance)) schedule.later(200, () => this.#giveUp());
    else if (plan.deadlineMs !== undefined) schedule.clock.at(plan.deadlineMs, () => this.#giveUp());
  }

  override message(payload: Uint8Array, last: boolean): void {
    super.message(payload, last);
    this.schedule.tally.answered++;
    this.#settle();
  }
  override ended(): void {
    super.ended();
    this.#settle();
  }
  override aborted(reset: StreamReset): void {
    super.aborted(reset);
    this.schedule.tally.reset++;
    this.#settle();
  }
  override lost(error: PluginError): void {
    super.lost(error);
    this.#settle();
  }

  #giveUp(): void {
    if (this.#isSettled) return;
    const { random } = this.schedule;
    const wasOpened = this.stream.id !== 0;
    if (random.chance(0.7) || !wasOpened || this.schedule.plan.deadlineMs !== undefined) {
      this.stream.reset(ResetCode.cancelled);
    } else if (random.chance(0.5)) {
      this.stream.abort(ResetCode.cancelled);
    } else {
      this.stream.stop(ResetCode.cancelled);
    }
    if (!wasOpened) {
      this.receiving.end("nothing having been sent");
      this.#settle();
    }
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.done();
    this.#settled();
  }
}

/** Who is called: does a few calls back, then answers. Or reads bytes. */
class Callee extends Party {
  readonly stream: MuxStream;
  #messages = 0;
  #pending = 1;
  #keepsRunning: boolean;
  #held = 0;
  #reads: "at once" | "slowly" | "never";

  constructor(schedule: Schedule, side: SimulatedSide, stream: MuxStream) {
    super(schedule, side, "the half of who is called");
    this.stream = stream;
    this.#keepsRunning = schedule.random.chance(0.5);
    this.#reads = schedule.random.pick(["at once", "slowly", "slowly", "never"]);
    if (schedule.random.chance(schedule.plan.resetChance / 4)) {
      schedule.later(100, () => stream.reset(ResetCode.internal));
    }
  }

  override message(payload: Uint8Array, last: boolean): void {
    if (this.#messages++ === 0) {
      assert.equal(payload[0], 1, "messages out of order");
      this.#callBack(payload[1]!);
    } else {
      super.message(payload, last);
      this.#oneLess();
    }
    assert.equal(last, this.#messages === 2);
  }

  override ended(): void {
    super.ended();
    if (this.#messages === 0) this.#answerBytes();
  }

  override aborted(reset: StreamReset): void {
    super.aborted(reset);
    this.stream.abort(ResetCode.cancelled);
    this.done();
  }

  override tooLarge(totalBytes: number): void {
    super.tooLarge(totalBytes);
    this.done();
  }

  override stopped(reset: StreamReset): boolean {
    if (!this.#keepsRunning || this.#messages === 0) {
      this.done();
      return super.stopped(reset);
    }
    this.schedule.later(50, () => {
      this.stream.abort(ResetCode.cancelled);
      this.done();
    });
    return true;
  }

  override bytes(chunk: Uint8Array): void {
    this.schedule.tally.bytes += chunk.length;
    this.#held += chunk.length;
    // Four times as much while it is alone.
    assert.ok(this.#held <= this.schedule.plan.windowBytes * 2 * 4, "more bytes held than the window");
    if (this.#reads === "never") {
      this.#reads = "slowly";
      this.schedule.clock.at(500, () => this.stream.reset(ResetCode.cancelled));
      return;
    }
    this.stream.widen(this.schedule.plan.windowBytes * 2);
    if (this.#reads === "at once") return this.#read(chunk.length);
    this.schedule.later(30, () => this.#read(chunk.length));
  }

  #read(bytes: number): void {
    this.#held -= bytes;
    this.stream.consumed(bytes);
  }

  #callBack(depth: number): void {
    const { random, tally } = this.schedule;
    const count = depth > 0 ? random.below(3) : 0;
    this.#pending += count;
    for (let i = 0; i < count; i++) {
      tally.callbacks++;
      new Caller(this.schedule, this.side, depth - 1, () => this.#oneLess());
    }
  }

  #oneLess(): void {
    if (--this.#pending > 0) return;
    this.schedule.later(20, () => {
      this.stream.send(this.schedule.message(), true);
      this.done();
    });
  }

  #answerBytes(): void {
    this.schedule.later(20, () => {
      this.stream.sendBytes(this.schedule.message());
      this.stream.endBytes();
      this.done();
    });
  }
}

/** Who sends a stream of bytes and reads one back. */
class BytesCaller extends Party {
  readonly stream: MuxStream;
  #chunks: number;

  constructor(schedule: Schedule, side: SimulatedSide) {
    super(schedule, side, "the bytes that come back");
    const { random, plan, tally } = schedule;
    tally.byteStreams++;
    this.#chunks = random.below(8);
    this.stream = side.session.open(this);
    this.stream.widen(plan.windowBytes * 2);
    this.#next();
    const mayWaitForEver = plan.deadlineMs ?? (random.chance(plan.resetChance) ? random.next() * 300 : undefined);
    if (mayWaitForEver !== undefined) schedule.clock.at(mayWaitForEver, () => this.#giveUp());
  }

  override drained(): void {
    if (this.stream.canSend) this.#next();
  }

  override bytes(chunk: Uint8Array): void {
    this.stream.consumed(chunk.length);
  }

  override ended(): void {
    super.ended();
    this.done();
  }
  override aborted(reset: StreamReset): void {
    super.aborted(reset);
    // The half of this side may still wait for a reader that has gone.
    this.stream.abort(ResetCode.cancelled);
    this.done();
  }

  #next(): void {
    if (this.#chunks-- > 0) this.stream.sendBytes(this.schedule.message());
    else this.stream.endBytes();
  }

  #giveUp(): void {
    if (this.receiving.ends > 0) return;
    const wasOpened = this.stream.id !== 0;
    this.stream.reset(ResetCode.cancelled);
    if (wasOpened) return;
    this.receiving.end("nothing having been sent");
    this.done();
  }
}
