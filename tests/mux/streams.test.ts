import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResetCode } from "../../src/mux/mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { NotingStream, RawPeer, u32 } from "../support/mux_raw_peer.ts";
import { SimulatedClock, type SimulatedLinkOptions, type SimulatedSide, simulate } from "../support/mux_simulator.ts";
import { Random } from "../support/wire_random.ts";

const open = 1;
const more = 2;
const end = 4;
const { data, bytes, credit, reset } = FrameType;

const plainLink = (): SimulatedLinkOptions => ({
  random: new Random(1),
  maxDelayMs: 1,
  maxPieceBytes: 65_536,
  capacityBytes: 65_536,
});

function opens(side: SimulatedSide, stream: NotingStream): void {
  stream.stream = side.session.open(stream);
}

function answersWith(side: SimulatedSide, answer: (stream: NotingStream) => void): NotingStream[] {
  const accepted: NotingStream[] = [];
  side.handler.onOpened = (stream) => {
    const noting = new NotingStream();
    noting.stream = stream;
    accepted.push(noting);
    answer(noting);
    return noting;
  };
  return accepted;
}

describe("messages", () => {
  it("of one stream keep their order, whatever their sizes", () => {
    const clock = new SimulatedClock();
    const { host, plugin } = simulate(clock, plainLink());
    const accepted = answersWith(plugin, () => {});
    const call = new NotingStream();
    opens(host, call);
    const lengths = [1, 200_000, 3, 65_536, 65_537, 32_752, 32_753, 9, 1_000_000, 1];
    for (const [index, length] of lengths.entries()) {
      call.stream!.send(new Uint8Array(length).fill(index), index === lengths.length - 1);
    }
    clock.runAll();
    assert.deepEqual(
      accepted[0]!.messages.map((message) => message.length),
      lengths,
    );
    for (const [index, message] of accepted[0]!.messages.entries()) assert.ok(message.every((byte) => byte === index));
  });

  it("of every size around the credit that is left arrive", () => {
    for (const first of [1, 5, 28, 29, 32_000]) {
      for (let around = -12; around <= 12; around++) {
        const clock = new SimulatedClock();
        const { host, plugin } = simulate(clock, plainLink());
        const accepted = answersWith(plugin, () => {});
        const call = new NotingStream();
        opens(host, call);
        call.stream!.send(new Uint8Array(first), false);
        call.stream!.send(new Uint8Array(65_536 - first + around), true);
        clock.runAll();
        assert.equal(accepted[0]!.messages.length, 2, `${first} bytes, then the credit left and ${around}`);
      }
    }
  });

  it("use up the credit to the last byte and wait for more", () => {
    const peer = new RawPeer({ limits: { initialWindowBytes: 100 } });
    const call = peer.open();
    call.stream!.send(new Uint8Array(100), false);
    call.stream!.send(new Uint8Array(1), true);
    peer.run();
    assert.deepEqual(
      peer.sent(data).map((frame) => frame.payload.length),
      [100],
    );
    peer.credit(1, 1).run();
    assert.deepEqual(
      peer.sent(data).map(({ flags, payload }) => [flags, payload.length]),
      [
        [open, 100],
        [end, 1],
      ],
    );
  });

  it("that are small wait beside bulk for one turn and no more", () => {
    const capacityBytes = 131_072;
    const peer = new RawPeer({ capacityBytes });
    for (let i = 0; i < 3; i++) {
      const bulk = peer.open();
      bulk.stream!.sendBytes(new Uint8Array(4e6));
    }
    const small = peer.open();
    small.stream!.send(Uint8Array.of(7), true);
    for (let id = 1; id <= 5; id += 2) peer.credit(id, 4e6);
    peer.run();
    const index = peer.frames.findIndex((frame) => frame.type === data);
    const before = peer.frames.slice(0, index).reduce((sum, frame) => sum + frame.payload.length, 0);
    // What fills the link first, and one turn of each of the three.
    assert.ok(before <= capacityBytes + 65_536 + 3 * 32_768, `${before} bytes went first`);
    const frames = peer.sent(bytes).slice(6, 300);
    const middle = frames.map((frame) => frame.streamId);
    for (const id of [1, 3, 5]) {
      const share = middle.filter((other) => other === id).length / middle.length;
      assert.ok(share > 0.3 && share < 0.37, `stream ${id} had ${share} of the turns`);
    }
    assert.ok(frames.every((frame) => frame.payload.length <= 32_768));
  });

  it("in bulk fill whole frames while no other stream waits", () => {
    const peer = new RawPeer();
    const bulk = peer.open();
    bulk.stream!.sendBytes(new Uint8Array(1_048_576));
    peer.credit(1, 1_048_576).run();
    const lengths = peer.sent(bytes).map((frame) => frame.payload.length);
    assert.deepEqual(lengths, Array(16).fill(65_536));
  });

  it("that a stream queues from inside `drained` do not give it more turns than another", () => {
    const peer = new RawPeer();
    const greedy = peer.open();
    let left = 400;
    greedy.onDrained = () => {
      for (let i = 0; i < 2 && left > 0; i++, left--) greedy.stream!.sendBytes(new Uint8Array(1_000));
    };
    const modest = peer.open();
    greedy.stream!.sendBytes(new Uint8Array(200_000));
    modest.stream!.sendBytes(new Uint8Array(10));
    for (let i = 0; i < 400; i++) modest.stream!.sendBytes(new Uint8Array(1_000));
    peer.run();
    peer.credit(1, 1e6).credit(3, 1e6).run();
    const turns = peer.sent(bytes).map((frame) => frame.streamId);
    const from = turns.indexOf(3, 10);
    const window = turns.slice(from, from + 200);
    assert.ok(window.filter((id) => id === 1).length <= 110, `${window.filter((id) => id === 1).length} of 200`);
  });

  it("over the limit are refused while the session lives on", () => {
    const clock = new SimulatedClock();
    const { host, plugin } = simulate(clock, plainLink(), { maxMessageBytes: 100_000, maxBufferedBytes: 100_000 });
    const accepted = answersWith(plugin, (stream) => {
      stream.onMessage = () => stream.stream!.send(Uint8Array.of(1), true);
    });
    const big = new NotingStream();
    opens(host, big);
    big.stream!.send(new Uint8Array(100_001), true);
    const good = new NotingStream();
    opens(host, good);
    good.stream!.send(new Uint8Array(100_000), true);
    clock.runAll();
    assert.deepEqual(accepted[0]!.told, ["too large 100001", `aborted ${ResetCode.tooLarge}`]);
    assert.deepEqual(big.told, [`aborted ${ResetCode.tooLarge}`, `stopped ${ResetCode.tooLarge}`]);
    assert.deepEqual(good.told, ["message 1 last"]);
    assert.equal(host.session.error, undefined);
    assert.equal(host.session.streamCount + plugin.session.streamCount, 0);
  });

  it("over a limit below one frame are refused as well", () => {
    const peer = new RawPeer({ limits: { maxMessageBytes: 10, maxBufferedBytes: 10 } });
    peer.send(data, open | end, 2, new Uint8Array(11)).run();
    assert.deepEqual(peer.accepted[0]!.told, ["too large 11", "ended"]);
    assert.deepEqual([...peer.sent(reset)[0]!.payload], [0, ResetCode.tooLarge]);
    assert.equal(peer.session.streamCount, 0);
  });

  it("take no more memory than has come, whatever they announce", () => {
    const peer = new RawPeer();
    for (let id = 2; id <= 200; id += 2) peer.send(data, open | more, id, [...u32(128 * 1024 * 1024), 1]);
    peer.run();
    const granted = peer.sent(credit).length;
    // 256 MiB of room: two such messages and no third.
    assert.equal(granted, 2);
    assert.ok(peer.session.admittedBytes.calls < 256 * 1024 * 1024);
  });
});

describe("admission", () => {
  const limits = { maxMessageBytes: 200_000, maxBufferedBytes: 200_000 };
  const begin = (peer: RawPeer, id: number): RawPeer =>
    peer.send(data, open | more, id, [...u32(200_000), ...new Uint8Array(30_000)]);

  it("lets the next large message in when one was finished, first come first served", () => {
    const peer = new RawPeer({ limits });
    begin(peer, 2);
    begin(peer, 4);
    begin(peer, 6).run();
    assert.deepEqual(
      peer.sent(credit).map((frame) => frame.streamId),
      [2],
    );
    for (let left = 170_000; left > 0; left -= 34_000)
      peer.send(data, left === 34_000 ? end : more, 2, new Uint8Array(34_000));
    peer.run();
    assert.deepEqual(
      peer.sent(credit).map((frame) => frame.streamId),
      [2, 4],
    );
    peer.send(reset, 1, 4, [0, 1]).run();
    assert.deepEqual(
      peer.sent(credit).map((frame) => frame.streamId),
      [2, 4, 6],
    );
  });

  it("counts credit that was granted until the peer has said that it stopped", () => {
    const peer = new RawPeer({ limits });
    begin(peer, 2);
    begin(peer, 4).run();
    peer.accepted[0]!.stream!.reset(ResetCode.cancelled);
    peer.run();
    assert.equal(peer.sent(credit).length, 1);
    peer.send(reset, 1, 2, [0, 1]).run();
    assert.equal(peer.sent(credit).length, 2);
  });

  it("gives up a request that waits as soon as nobody wants the message", () => {
    const peer = new RawPeer({ limits });
    for (const id of [2, 4, 6]) begin(peer, id);
    peer.run();
    peer.accepted[1]!.stream!.reset(ResetCode.cancelled);
    peer.send(reset, 1, 2, [0, 1]).run();
    assert.deepEqual(
      peer.sent(credit).map((frame) => frame.streamId),
      [2, 6],
    );
  });
});

describe("resets", () => {
  it("of a stream that nothing was sent on are never seen by the peer", () => {
    const peer = new RawPeer({ limits: { maxStreams: 1 } });
    peer.open().stream!.send(Uint8Array.of(1), true);
    const second = peer.open();
    second.stream!.send(Uint8Array.of(2), true);
    assert.equal(peer.session.waitingCount, 1);
    second.stream!.reset(ResetCode.cancelled);
    assert.equal(peer.session.waitingCount, 0);
    peer.send(data, end, 1, [1]).run();
    assert.equal(peer.sent(reset).length, 0);
    assert.equal(peer.session.streamCount, 0);
    peer.open().stream!.send(Uint8Array.of(3), true);
    peer.run();
    assert.deepEqual(peer.sent(data).at(-1)!.payload, Uint8Array.of(3));
  });

  it("do not pile up while no call gets a place", () => {
    const peer = new RawPeer({ limits: { maxStreams: 1 } });
    peer.open().stream!.send(Uint8Array.of(1), true);
    for (let i = 0; i < 10_000; i++) {
      const late = peer.open();
      late.stream!.send(Uint8Array.of(2), true);
      late.stream!.reset(ResetCode.timeout);
    }
    const last = peer.open();
    last.stream!.send(Uint8Array.of(9), true);
    assert.equal(peer.session.waitingCount, 1);
    peer.send(data, end, 1, [1]).run();
    assert.deepEqual(
      peer.sent(data).map((frame) => frame.payload[0]),
      [1, 9],
    );
  });

  it("that ask to stop are answered at once, or later by a handler that still runs", () => {
    const peer = new RawPeer();
    peer
      .send(data, open | end, 2, [1])
      .send(data, open | end, 4, [1])
      .run();
    const [atOnce, later] = peer.accepted;
    later!.endsLater = true;
    peer.send(reset, 2, 2, [0, 1]).send(reset, 2, 4, [0, 1]).run();
    assert.deepEqual(
      peer.sent(reset).map(({ flags, streamId }) => [flags, streamId]),
      [[1, 2]],
    );
    assert.equal(peer.session.streamCount, 1);
    later!.stream!.abort(ResetCode.cancelled);
    peer.run();
    assert.equal(peer.sent(reset).length, 2);
    assert.equal(peer.session.streamCount, 0);
    assert.equal(peer.handler.over, 2);
    assert.deepEqual(atOnce!.told, ["message 1 last", "stopped 1"]);
  });

  it("that ask to stop in the middle of a message are answered at once, handler or not", () => {
    const peer = new RawPeer();
    const call = peer.open();
    call.endsLater = true;
    call.stream!.send(new Uint8Array(100_000), true);
    peer.run();
    peer.send(reset, 2, 1, [0, 3]).run();
    assert.deepEqual(
      peer.sent(reset).map(({ flags, streamId }) => [flags, streamId]),
      [[1, 1]],
    );
  });

  it("and windows from before the first frame follow it", () => {
    const peer = new RawPeer({ admitted: false });
    const first = peer.open();
    first.stream!.widen(262_144);
    const second = peer.open();
    second.stream!.stop(ResetCode.done);
    assert.equal(second.stream!.canSend, true);
    for (const stream of [first, second]) stream.stream!.send(Uint8Array.of(1), true);
    peer.session.admit(10);
    peer.run();
    assert.deepEqual(
      peer.frames.map(({ type, flags, streamId }) => [type, flags, streamId]),
      [
        [data, open | end, 1],
        [credit, 0, 1],
        [data, open | end, 3],
        [reset, 2, 3],
      ],
    );
  });

  it("carry a reason of up to 4 KiB, and none when it is longer", () => {
    const peer = new RawPeer();
    for (const length of [4_096, 4_097]) {
      const call = peer.open();
      call.stream!.send(Uint8Array.of(1), false);
      call.stream!.abort(ResetCode.internal, new Uint8Array(length));
    }
    peer.run();
    assert.deepEqual(
      peer.sent(reset).map((frame) => frame.payload.length),
      [4_098, 2],
    );
  });
});

describe("a stream", () => {
  it("is over once, also when it is answered from inside its end", () => {
    const peer = new RawPeer();
    peer.handler.onOpened = (stream) => {
      const noting = new NotingStream();
      noting.onMessage = () => stream.send(Uint8Array.of(1), true);
      return noting;
    };
    for (let id = 2; id <= 20; id += 2) peer.send(data, open | end, id, [1]);
    peer.run();
    assert.equal(peer.handler.over, 10);
  });

  it("that is refused never reaches the handler and lets others be", () => {
    const peer = new RawPeer({ limits: { maxStreams: 2 } });
    for (const id of [2, 4, 6]) peer.send(data, open | end, id, [1]);
    peer.run();
    assert.equal(peer.accepted.length, 2);
    assert.deepEqual([...peer.sent(reset)[0]!.payload], [0, ResetCode.refused]);
    peer.accepted[0]!.stream!.send(Uint8Array.of(1), true);
    peer.send(data, open | end, 8, [1]).run();
    assert.equal(peer.accepted.length, 3);
  });

  it("takes ids around their end, past those still open", () => {
    const clock = new SimulatedClock();
    const { host, plugin } = simulate(clock, plainLink(), {}, { host: 0xffff_fffb, plugin: 0xffff_fffc });
    const ids: number[] = [];
    plugin.handler.onOpened = (stream) => {
      ids.push(stream.id);
      const noting = new NotingStream();
      noting.onMessage = () => stream.send(Uint8Array.of(1), true);
      return noting;
    };
    for (let i = 0; i < 5; i++) {
      const call = new NotingStream();
      opens(host, call);
      call.stream!.send(Uint8Array.of(1), true);
    }
    clock.runAll();
    assert.deepEqual(ids, [0xffff_fffd, 0xffff_ffff, 1, 3, 5]);
    assert.equal(host.session.streamCount, 0);
  });

  it("has a window four times as large once it was alone for a while, until something else is sent", () => {
    const windowBytes = 65_536;
    const peer = new RawPeer();
    const chunk = new Uint8Array(windowBytes / 2);
    peer.send(bytes, open, 2, chunk).run();
    const { stream } = peer.accepted[0]!;
    const granted = (): number => new DataView(peer.sent(credit).at(-1)!.payload.buffer).getUint32(0);
    const read = (chunks: number): void => {
      for (let i = 0; i < chunks; i++) {
        peer.send(bytes, 0, 2, chunk).run();
        stream!.consumed(chunk.length);
        peer.run();
      }
    };
    stream!.consumed(chunk.length);
    read(30);
    assert.equal(granted(), windowBytes / 2);
    read(1);
    assert.equal(granted(), windowBytes * 3.5);
    read(4);
    assert.equal(granted(), windowBytes * 2);
    peer.send(data, open | end, 4, [1]).run();
    const before = peer.sent(credit).length;
    read(6);
    assert.equal(peer.sent(credit).length, before);
    read(1);
    assert.equal(granted(), windowBytes / 2);
    assert.equal(peer.session.error, undefined);
  });

  it("takes over the window of one that ended before it, and not of one beside it", () => {
    const chunk = new Uint8Array(32_768);
    for (const [flags, expected] of [
      [end, 131_072 + 98_304],
      [0, 32_768],
    ] as const) {
      const peer = new RawPeer();
      peer.send(bytes, open, 2, chunk).run();
      for (let i = 0; i < 32; i++) {
        peer.accepted[0]!.stream!.consumed(chunk.length);
        peer
          .run()
          .send(bytes, i === 31 ? flags : 0, 2, chunk)
          .run();
      }
      peer.send(bytes, open, 4, chunk).run();
      peer.accepted[1]!.stream!.consumed(chunk.length);
      peer.run();
      const grants = peer.sent(credit).filter((frame) => frame.streamId === 4);
      assert.deepEqual(
        grants.map((frame) => [...frame.payload]),
        [u32(expected)],
      );
    }
  });

  it("grants credit back as its bytes are read, and not before", () => {
    const peer = new RawPeer();
    peer.send(bytes, open, 2, new Uint8Array(60_000)).run();
    assert.equal(peer.sent(credit).length, 0);
    const { stream } = peer.accepted[0]!;
    stream!.consumed(10_000);
    stream!.consumed(50_000);
    peer.run();
    assert.deepEqual(
      peer.sent(credit).map((frame) => [...frame.payload]),
      [u32(60_000)],
    );
  });
});
