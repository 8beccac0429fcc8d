import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { CloseCode } from "../../src/mux/mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { NotingStream, RawPeer, u32 } from "../support/mux_raw_peer.ts";

const { data, bytes, ping, goAway } = FrameType;
const open = 1;
const end = 4;
const goodbye = (last: number, code = 0): number[] => [...u32(last), 0, code];

describe("what is sent in one turn", () => {
  it("leaves in one write", () => {
    const peer = new RawPeer();
    peer.run();
    const before = peer.sessionLink.writes;
    for (let i = 0; i < 100; i++) peer.open().stream!.send(Uint8Array.of(i), true);
    void peer.session.ping();
    peer.session.sendControl(FrameType.control, Uint8Array.of(1));
    assert.equal(peer.sessionLink.writes, before);
    peer.run();
    assert.equal(peer.sessionLink.writes, before + 1);
    assert.equal(peer.frames.length, 102);
  });

  it("leaves before the clock moves", () => {
    const peer = new RawPeer();
    peer.run();
    const { nowMs } = peer.clock;
    peer.open().stream!.send(Uint8Array.of(1), true);
    peer.run();
    assert.equal(peer.clock.nowMs, nowMs);
    assert.equal(peer.sent(data).length, 1);
  });

  it("is the preface and the first frames together", () => {
    const peer = new RawPeer();
    peer.session.sendControl(FrameType.hello, Uint8Array.of(0xa0));
    peer.run();
    assert.equal(peer.sessionLink.writes, 1);
  });

  it("answers all calls of one read in one write", () => {
    const peer = new RawPeer();
    peer.handler.onOpened = (stream) => {
      const noting = new NotingStream();
      noting.onMessage = () => stream.send(Uint8Array.of(1), true);
      return noting;
    };
    peer.run();
    const before = peer.sessionLink.writes;
    for (let id = 2; id <= 128; id += 2) peer.send(data, open | end, id, [1]);
    peer.run();
    assert.equal(peer.sessionLink.writes, before + 1);
    assert.equal(peer.sent(data).length, 64);
  });
});

describe("ping", () => {
  it("has at most four under way, the others wait", async () => {
    const peer = new RawPeer();
    const round = Array.from({ length: 6 }, () => peer.session.ping());
    peer.run();
    assert.equal(peer.sent(ping).length, 4);
    for (const frame of peer.sent(ping)) peer.send(ping, 1, 0, frame.payload);
    peer.run();
    assert.equal(peer.sent(ping).length, 6);
    for (const frame of peer.sent(ping).slice(4)) peer.send(ping, 1, 0, frame.payload);
    peer.run();
    for (const ms of await Promise.all(round)) assert.equal(ms, 0);
  });

  it("is answered with the same bytes, also before the hello", () => {
    const peer = new RawPeer({ admitted: false });
    peer.send(ping, 0, 0, [9, 8, 7, 6, 5, 4, 3, 2]).run();
    assert.deepEqual(peer.frames, [
      { type: ping, flags: 1, streamId: 0, payload: Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2) },
    ]);
  });

  it("fails with the session", async () => {
    const peer = new RawPeer();
    const waits = peer.session.ping();
    peer.sessionLink.destroy();
    peer.run();
    await assert.rejects(waits, { code: "closed" });
    await assert.rejects(peer.session.ping(), { code: "closed" });
  });
});

describe("GOAWAY", () => {
  it("that drains is told and ends nothing", () => {
    const peer = new RawPeer();
    const call = peer.open();
    call.stream!.send(Uint8Array.of(1), true);
    peer.send(goAway, 1, 0, goodbye(1)).run();
    assert.deepEqual(
      peer.handler.goAways.map(({ drain, lastStream }) => [drain, lastStream]),
      [[true, 1]],
    );
    peer.send(data, end, 1, [5]).run();
    assert.deepEqual(call.told, ["message 1 last"]);
    assert.equal(peer.session.isClosing, false);
  });

  it("that is final says which calls never ran", () => {
    const peer = new RawPeer({ limits: { maxStreams: 3 } });
    const calls = Array.from({ length: 4 }, () => {
      const call = peer.open();
      call.stream!.send(Uint8Array.of(1), true);
      return call;
    });
    const half = peer.open();
    half.stream!.send(new Uint8Array(200_000), true);
    peer.run();
    peer.send(goAway, 0, 0, goodbye(3)).run();
    assert.deepEqual(
      calls.map((call) => call.told),
      [["lost closed unknown"], ["lost closed unknown"], ["lost closed none"], ["lost closed none"]],
    );
    assert.deepEqual(half.told, ["lost closed none"]);
    assert.equal(peer.handler.closes, 1);
    assert.equal(peer.handler.error, undefined);
    assert.equal(peer.sent(goAway).length, 1);
    assert.equal(peer.session.streamCount + peer.session.waitingCount, 0);
  });

  it("with a code other than 0 is the session's error, and shows the text", () => {
    const peer = new RawPeer();
    peer
      .send(goAway, 0, 0, [...goodbye(0, CloseCode.authentication), ...new TextEncoder().encode("wrong proof")])
      .run();
    assert.equal(peer.session.error?.code, "authentication");
    assert.match(peer.session.error?.message ?? "", /wrong proof/);
  });

  it("names the last stream that was taken up", () => {
    const peer = new RawPeer();
    for (const id of [2, 4, 6]) peer.send(data, open | end, id, [1]);
    peer.run();
    peer.session.close();
    peer.run();
    assert.deepEqual([...peer.sent(goAway)[0]!.payload], goodbye(6));
  });
});

describe("when the session is lost", () => {
  it("every stream is told once, whatever it was doing", () => {
    const peer = new RawPeer({ limits: { maxStreams: 5 }, capacityBytes: 0, reads: false });
    const whole = peer.open();
    whole.stream!.send(Uint8Array.of(1), true);
    const messageAndThenEnd = peer.open();
    peer.run();
    messageAndThenEnd.stream!.send(Uint8Array.of(1), false);
    messageAndThenEnd.stream!.end();
    const inLine = peer.open();
    inLine.stream!.send(Uint8Array.of(1), true);
    const rest = Array.from({ length: 5 }, () => {
      const call = peer.open();
      call.stream!.send(Uint8Array.of(1), true);
      return call;
    });
    const idle = peer.open();
    peer.sessionLink.destroy();
    peer.run();
    assert.deepEqual(whole.told, ["lost closed unknown"]);
    for (const call of [messageAndThenEnd, inLine, ...rest]) assert.deepEqual(call.told, ["lost closed none"]);
    assert.deepEqual(idle.told, []);
    idle.stream!.send(Uint8Array.of(1), true);
    assert.deepEqual(idle.told, ["lost closed none"]);
  });

  it("a call whose message was written is not safe to repeat, though its END waits", () => {
    const peer = new RawPeer({ limits: { initialWindowBytes: 10 } });
    const call = peer.open();
    call.stream!.send(new Uint8Array(10), false);
    call.stream!.send(new Uint8Array(5), true);
    peer.run();
    peer.sessionLink.destroy();
    peer.run();
    assert.deepEqual(call.told, ["lost closed unknown"]);
  });

  it("from inside its own frame, the handler is told nothing more", () => {
    for (const [type, flags] of [
      [data, open | end],
      [data, open],
      [bytes, open | end],
    ] as const) {
      const peer = new RawPeer();
      const noting = new NotingStream();
      noting.onMessage = () => peer.session.close();
      noting.onBytes = () => peer.session.close();
      peer.handler.onOpened = () => noting;
      peer.send(type, flags, 2, [1]).run();
      assert.deepEqual(noting.told.slice(1), ["lost closed unknown"]);
      assert.equal(peer.handler.closes, 1);
    }
  });

  it("from inside `opened`, the handler is told of it", () => {
    const peer = new RawPeer();
    const noting = new NotingStream();
    peer.handler.onOpened = () => {
      peer.session.close();
      return noting;
    };
    peer.send(data, open | end, 2, [1]).run();
    assert.deepEqual(noting.told, ["lost closed none"]);
  });

  it("by the end of the link without a GOAWAY, that is said", () => {
    const peer = new RawPeer();
    peer.run();
    peer.link.end();
    peer.run();
    assert.equal(peer.session.error?.code, "closed");
    assert.match(peer.session.error?.message ?? "", /without a GOAWAY/);
    assert.equal(peer.handler.closes, 1);
  });

  it("a peer that does not end its side is waited for one second", () => {
    const peer = new RawPeer({ reads: false });
    peer.run();
    peer.session.close();
    peer.run();
    assert.equal(peer.handler.closes, 1);
    assert.equal(peer.clock.nowMs, 1_000);
  });
});

describe("hold", () => {
  it("keeps frames in order until they are released, and the peer's end after them", () => {
    const peer = new RawPeer();
    peer.handler.onOpened = (stream) => {
      const noting = new NotingStream();
      noting.stream = stream;
      peer.accepted.push(noting);
      if (peer.accepted.length === 2) peer.session.hold();
      return noting;
    };
    peer.session.hold();
    for (const id of [2, 4, 6]) peer.send(data, open | end, id, [id]);
    peer.send(goAway, 0, 0, goodbye(0)).run();
    peer.link.end();
    peer.run();
    assert.equal(peer.accepted.length, 0);
    peer.session.release();
    peer.run();
    assert.equal(peer.accepted.length, 2);
    assert.equal(peer.handler.closes, 0);
    peer.session.release();
    peer.run();
    assert.deepEqual(
      peer.accepted.map((stream) => stream.messages[0]![0]),
      [2, 4, 6],
    );
    assert.equal(peer.handler.error, undefined);
    assert.equal(peer.handler.closes, 1);
  });

  it("ends with the session", () => {
    const peer = new RawPeer();
    peer.session.hold();
    peer.send(data, open | end, 2, [1]).run();
    peer.session.fail(new PluginError("authentication", "wrong proof"), CloseCode.authentication);
    peer.run();
    peer.session.release();
    peer.run();
    assert.equal(peer.accepted.length, 0);
    assert.equal(peer.closeCode, CloseCode.authentication);
    assert.equal(peer.clock.nowMs < 1_000, true);
    assert.equal(peer.handler.closes, 1);
  });
});
