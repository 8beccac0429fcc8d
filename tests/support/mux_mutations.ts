import assert from "node:assert/strict";
import { PluginError } from "../../src/errors/mod.ts";
import type { MuxStream, StreamHandler } from "../../src/mux/mod.ts";
import { ResetCode, Session } from "../../src/mux/mod.ts";
import { defaultLimits, FrameType } from "../../src/wire/mod.ts";
import { joined } from "./joined.ts";
import { NotingStream } from "./mux_raw_peer.ts";
import {
  NotingHandler,
  SimulatedClock,
  SimulatedLink,
  type SimulatedSide,
  simulate,
  type TestLimits,
} from "./mux_simulator.ts";
import { Random } from "./wire_random.ts";

/** How the sessions ended that were fed changed bytes. */
export interface MutationTally {
  sessions: number;
  open: number;
  closed: Record<string, number>;
}

const limits: TestLimits = {
  initialWindowBytes: 400,
  windowBytes: 800,
  maxMessageBytes: 3_000,
  maxBufferedBytes: 4_000,
  maxStreams: 8,
  maxQueuedBytes: 20_000,
};

/** Two sessions in the middle of much: messages, fragments, bytes, resets, pings, go-away. */
function play(random: Random, acting: readonly ("host" | "plugin")[]): Played {
  const clock = new SimulatedClock();
  const link = { random, maxDelayMs: 2, maxPieceBytes: 4_000, capacityBytes: 65_536 };
  const sides = simulate(clock, link, limits);
  const readers: Reader[] = [];
  for (const role of ["host", "plugin"] as const) {
    const side = sides[role];
    side.handler.onOpened = (stream) => {
      const reader = new Reader(stream);
      readers.push(reader);
      return reader;
    };
    side.session.sendControl(FrameType.hello, Uint8Array.of(0xa0));
    if (!acting.includes(role)) continue;
    for (let i = random.between(3, 8); i > 0; i--) clock.at(random.next() * 20, () => act(random, side.session));
  }
  clock.at(60, () => sides.plugin.session.drain());
  clock.at(80, () => sides.plugin.session.close());
  return { ...sides, clock, readers };
}

interface Played {
  readonly clock: SimulatedClock;
  readonly host: SimulatedSide;
  readonly plugin: SimulatedSide;
  readonly readers: Reader[];
}

/** Plays a session in which only the plugin begins anything, and gives what the host got of it. */
export function recordSession(seed: number): Uint8Array {
  const { host, clock } = play(new Random(seed), ["plugin"]);
  const chunks: Uint8Array[] = [];
  host.link.tap = (chunk) => {
    chunks.push(chunk.slice());
    return chunk;
  };
  clock.runAll();
  return joined(chunks);
}

function act(random: Random, session: Session): void {
  const stream = session.open(new NotingStream());
  const kind = random.below(5);
  if (kind === 0) void session.ping().catch(() => {});
  else if (kind === 1) session.sendControl(FrameType.control, new Uint8Array(random.between(1, 20)));
  else if (kind === 2) {
    for (let i = random.between(1, 4); i > 0; i--) stream.sendBytes(new Uint8Array(random.between(0, 500)));
    stream.endBytes();
  } else stream.send(new Uint8Array(random.between(1, kind === 3 ? 60 : 3_000)), true);
  if (random.chance(0.2)) stream.reset(ResetCode.cancelled, Uint8Array.of(0xf6));
}

/** Changes bytes of a recorded session: in headers mostly, where it hurts. */
export function mutate(random: Random, recorded: Uint8Array): Uint8Array {
  const headers: number[] = [];
  for (let at = 8; at + 9 <= recorded.length; ) {
    headers.push(at);
    at += 9 + ((recorded[at]! << 16) | (recorded[at + 1]! << 8) | recorded[at + 2]!);
  }
  let bytes: Uint8Array = recorded.slice();
  for (let count = random.between(1, 3); count > 0; count--) {
    const where = random.below(10);
    const header = random.pick(headers);
    const next = headers[headers.indexOf(header) + 1] ?? bytes.length;
    if (where < 4) bytes[Math.min(bytes.length - 1, header + 2 + random.below(11))] = random.below(where < 2 ? 8 : 256);
    else if (where < 5) bytes[random.below(bytes.length)] = random.below(256);
    else if (where < 6) bytes = bytes.slice(0, random.between(8, bytes.length));
    else if (where < 8) bytes = joined([bytes.subarray(0, next), bytes.subarray(header, next), bytes.subarray(next)]);
    else bytes = joined([bytes.subarray(0, header), bytes.subarray(next)]);
    if (bytes.length < 32) break;
  }
  return bytes;
}

/** Answers messages and reads bytes, and sees to it that each half ends once. */
class Reader implements StreamHandler {
  ends = 0;
  readonly stream: MuxStream;
  constructor(stream: MuxStream) {
    this.stream = stream;
  }
  message(payload: Uint8Array, last: boolean): void {
    assert.ok(payload.length > 0 && payload.length <= 3_000);
    if (!last) return;
    this.ends++;
    this.stream.send(new Uint8Array(1 + ((payload.length * 7) % 2_000)), true);
  }
  bytes(chunk: Uint8Array): void {
    this.stream.widen(800);
    this.stream.consumed(chunk.length);
  }
  ended(): void {
    this.ends++;
  }
  aborted(): void {
    this.ends++;
  }
  tooLarge(totalBytes: number): void {
    assert.ok(totalBytes > 3_000);
  }
  stopped(): boolean {
    return false;
  }
  drained(): void {}
  lost(): void {
    if (this.ends === 0) this.ends++;
  }
}

/** Feeds bytes to a fresh session. It must stay open, or end by a typed error or a GOAWAY, within its limits. */
export function feedSession(random: Random, bytes: Uint8Array, tally: MutationTally): void {
  const clock = new SimulatedClock();
  const piece = random.pick([1, 20, 1_000, 50_000]);
  const [link, far] = SimulatedLink.pair(clock, { random, maxDelayMs: 0, maxPieceBytes: piece, capacityBytes: 65_536 });
  const handler = new NotingHandler();
  const readers: Reader[] = [];
  handler.onOpened = (stream) => {
    const reader = new Reader(stream);
    readers.push(reader);
    return reader;
  };
  const all = { ...defaultLimits, ...limits };
  const session = new Session(link, {
    role: "host",
    limits: all,
    initialWindowBytes: limits.initialWindowBytes,
    scheduler: clock.scheduler(),
    handler,
  });
  session.start();
  session.admit(8);
  far.start({ bytes: () => {}, end: () => far.end(), drain: () => {}, closed: () => {} });
  far.write(bytes);
  check(clock, [{ session, handler, link }], readers, tally);
}

/** Plays a session whose bytes are changed on their way to the host, here and there. */
export function disturbSession(random: Random, tally: MutationTally): void {
  const { clock, host, plugin, readers } = play(random, ["host", "plugin"]);
  for (const { link } of [host, plugin]) {
    link.tap = (chunk) => {
      if (!random.chance(0.05)) return chunk;
      const copy = chunk.slice();
      copy[random.below(copy.length)] = random.below(random.pick([8, 256]));
      return copy;
    };
  }
  check(clock, [host, plugin], readers, tally);
}

function check(clock: SimulatedClock, sides: SimulatedSide[], readers: Reader[], tally: MutationTally): void {
  assert.ok(clock.runAll(100_000), "the session does not come to rest");
  tally.sessions++;
  for (const { session, handler } of sides) {
    const { calls, replies } = session.admittedBytes;
    assert.ok(calls <= 4_000 && replies <= 4_000, "more room used than there is");
    if (handler.closes === 0) {
      tally.open++;
      assert.ok(session.streamCount <= 2 * 8 + 1_024);
      session.destroy();
      clock.runAll();
    } else {
      const { error } = handler;
      assert.ok(error === undefined || error instanceof PluginError, String(error));
      const code = error?.code ?? "no error";
      tally.closed[code] = (tally.closed[code] ?? 0) + 1;
      assert.notEqual(code, "internal", error?.message);
    }
    assert.equal(handler.closes, 1);
    assert.equal(session.streamCount, 0);
  }
  for (const reader of readers) assert.equal(reader.ends, 1, "a half ends once");
}

/** Feeds `count` changed sessions. @throws What broke the rules, with its seed. */
export function fuzzSessions(from: number, count: number): MutationTally {
  const tally: MutationTally = { sessions: 0, open: 0, closed: {} };
  let recorded = recordSession(from);
  for (let seed = from; seed < from + count; seed++) {
    if (seed % 50 === 0) recorded = recordSession(seed);
    const random = new Random(seed);
    try {
      if (seed % 2 === 0) feedSession(random, mutate(random, recorded), tally);
      else disturbSession(random, tally);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  return tally;
}
