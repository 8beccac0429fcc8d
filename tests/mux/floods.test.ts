import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Inbound } from "../../src/mux/_inbound.ts";
import type { Scheduler } from "../../src/mux/mod.ts";
import type { Link } from "../../src/transport/link.ts";
import { FrameEncoder, FrameType, preface } from "../../src/wire/mod.ts";
import { joined } from "../support/joined.ts";
import { RawPeer } from "../support/mux_raw_peer.ts";
import { Random } from "../support/wire_random.ts";

/** Frames that a turn may take at most, with those of the read that comes before the next look. */
const mostPerTurn = 4_096 + 64;

/** A way in whose turns are told by hand. */
class HandTurned {
  readonly seen: number[] = [];
  readonly inbound: Inbound;
  nowMs = 0;
  /** Time that a frame takes. */
  frameMs = 0;
  isPaused = false;
  ended = 0;
  faults = 0;
  onFrame: (number: number) => void = () => {};
  #turns: (() => void)[] = [];

  constructor() {
    const link: Link = {
      name: "by hand",
      start: () => {},
      write: () => true,
      end: () => {},
      destroy: () => {},
      pause: () => {
        this.isPaused = true;
      },
      resume: () => {
        this.isPaused = false;
      },
    };
    const scheduler: Scheduler = {
      now: () => this.nowMs,
      defer: () => assert.fail("nothing is deferred"),
      nextTurn: (callback) => this.#turns.push(callback),
      setTimer: () => assert.fail("no timer is set"),
    };
    this.inbound = new Inbound(link, 65_536, scheduler, {
      frame: (_type, _flags, _streamId, payload) => {
        this.nowMs += this.frameMs;
        const number = new DataView(payload.buffer, payload.byteOffset).getUint32(4);
        this.seen.push(number);
        this.onFrame(number);
      },
      end: () => this.ended++,
      fault: () => this.faults++,
    });
  }

  turn(): void {
    const turns = this.#turns;
    this.#turns = [];
    for (const turn of turns) turn();
  }

  /** Turns until nothing waits. @returns The most frames that one turn took. */
  turnAll(): number {
    let most = 0;
    while (this.#turns.length > 0) {
      const before = this.seen.length;
      this.turn();
      most = Math.max(most, this.seen.length - before);
    }
    return most;
  }
}

/** PINGs with numbers from 0 on, after a preface. */
function pings(count: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new FrameEncoder((bytes) => parts.push(bytes.slice()));
  encoder.raw(preface);
  for (let number = 0; number < count; number++) {
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setUint32(4, number);
    encoder.frame(FrameType.ping, 0, 0, payload);
  }
  encoder.flush();
  return joined(parts);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a flood of frames", () => {
  it("is taken up over several turns, in order, with the link paused in between", () => {
    const hand = new HandTurned();
    hand.inbound.bytes(pings(20_000));
    hand.inbound.end();
    assert.ok(hand.seen.length <= mostPerTurn, `${hand.seen.length} at once`);
    assert.equal(hand.isPaused, true);
    assert.ok(hand.turnAll() <= mostPerTurn);
    assert.deepEqual(hand.seen, upTo(20_000));
    assert.equal(hand.isPaused, false);
    assert.equal(hand.ended, 1);
  });

  it("counts over the reads of one turn", () => {
    const hand = new HandTurned();
    const all = pings(20_000);
    for (let at = 0; at < all.length && !hand.isPaused; at += 4_096) hand.inbound.bytes(all.subarray(at, at + 4_096));
    assert.equal(hand.isPaused, true);
    assert.ok(hand.seen.length <= mostPerTurn);
  });

  it("that takes long ends its turn by the clock", () => {
    const hand = new HandTurned();
    hand.frameMs = 0.5;
    hand.inbound.bytes(pings(1_000));
    assert.ok(hand.seen.length <= 192, `${hand.seen.length} frames, each of which took half a ms`);
    assert.equal(hand.isPaused, true);
    hand.turnAll();
    assert.deepEqual(hand.seen, upTo(1_000));
  });

  it("of few frames in many turns is never held up", () => {
    const hand = new HandTurned();
    const all = pings(20_000);
    for (let at = 0; at < all.length; at += 1_000) {
      hand.inbound.bytes(all.subarray(at, at + 1_000));
      assert.equal(hand.isPaused, false);
      hand.turn();
    }
    assert.deepEqual(hand.seen, upTo(20_000));
  });

  it("is taken up at once when the link has closed, as no more can come", () => {
    const hand = new HandTurned();
    hand.inbound.bytes(pings(20_000));
    hand.inbound.finish();
    assert.deepEqual(hand.seen, upTo(20_000));
    hand.turnAll();
    assert.equal(hand.ended, 0);
  });

  it("ends where the session does, and the link goes on to its end", () => {
    const hand = new HandTurned();
    hand.onFrame = (number) => {
      if (number === 5_000) hand.inbound.stop();
    };
    hand.inbound.bytes(pings(20_000));
    hand.turnAll();
    assert.equal(hand.seen.length, 5_001);
    assert.equal(hand.isPaused, false);
  });

  it("against the rules is told once", () => {
    const hand = new HandTurned();
    hand.inbound.bytes(pings(10_000));
    hand.inbound.bytes(Uint8Array.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1));
    hand.turnAll();
    assert.equal(hand.seen.length, 10_000);
    assert.equal(hand.faults, 1);
  });

  it("stays whole and in order, whatever the pieces, turns and holds", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const hand = new HandTurned();
      hand.frameMs = random.pick([0, 0, 0.01, 1]);
      hand.onFrame = () => {
        if (!random.chance(0.002)) return;
        hand.inbound.hold();
        if (random.chance(0.5)) hand.inbound.release();
      };
      const all = pings(6_000);
      for (let at = 0; at < all.length; ) {
        const size = random.between(1, 50_000);
        // A link may have a piece or two under way when it is paused.
        if (!hand.isPaused || random.chance(0.2)) {
          hand.inbound.bytes(all.subarray(at, at + size));
          at += size;
        }
        if (random.chance(0.5)) hand.turn();
        if (random.chance(0.3)) hand.inbound.release();
      }
      hand.inbound.end();
      for (let rounds = 0; hand.ended === 0 && rounds < 10_000; rounds++) {
        hand.turn();
        hand.inbound.release();
      }
      assert.equal(hand.ended, 1, `seed ${seed}`);
      assert.deepEqual(hand.seen, upTo(6_000), `seed ${seed}`);
    }
  });
});

const kinds: readonly { readonly name: string; readonly send: (peer: RawPeer, index: number) => void }[] = [
  {
    name: "streams opened and reset",
    send: (peer, index) => peer.send(0, 1, 2 * index + 2, [1]).send(3, 3, 2 * index + 2, [0, 1]),
  },
  { name: "pings", send: (peer) => peer.send(4, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]) },
  { name: "frames of a type that is skipped", send: (peer) => peer.send(0x50, 0, 0) },
];

for (const { name, send } of kinds) {
  it(`a session lets timers run in a flood of ${name}`, () => {
    const peer = new RawPeer({ capacityBytes: 1e9 });
    peer.run();
    const count = 20_000;
    const last = 4 * count;
    for (let index = 0; index < count; index++) send(peer, index);
    let isOver = false;
    peer.handler.onOpened = (stream) => {
      isOver ||= stream.id === last;
      return undefined;
    };
    let turns = 0;
    const tick = (): void => {
      turns++;
      if (!isOver) peer.clock.at(0, tick);
    };
    peer.clock.at(0, tick);
    peer.send(0, 5, last, [1]).run();
    assert.equal(isOver, true);
    assert.ok(turns >= count / mostPerTurn, `a timer ran ${turns} times`);
    assert.equal(peer.session.isClosing, false);
  });
}
