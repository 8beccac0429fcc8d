import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, type Role } from "../../src/mux/mod.ts";
import { RawPeer, u32 } from "../support/mux_raw_peer.ts";
import type { TestLimits } from "../support/mux_simulator.ts";

const data = 0;
const bytes = 1;
const reset = 3;
const ping = 4;
const control = 6;
const open = 1;
const more = 2;
const end = 4;

interface Violation {
  readonly name: string;
  readonly send: (peer: RawPeer) => void;
  readonly code?: number;
  readonly error?: string;
  readonly limits?: TestLimits;
  readonly role?: Role;
  readonly admitted?: boolean;
}

// The session is the host's, so the raw peer opens even streams.
const violations: readonly Violation[] = [
  { name: "a frame on a stream that was never open", send: (peer) => peer.send(data, end, 2, [1]) },
  {
    name: "a frame on a stream that is over",
    send: (peer) => peer.send(data, open | end, 2, [1]).send(data, end, 2, [1]),
  },
  { name: "DATA after END", send: (peer) => peer.send(data, open | end, 2, [1]).send(data, 0, 2, [1]) },
  { name: "two ENDs", send: (peer) => peer.send(bytes, open | end, 2).send(bytes, end, 2) },
  { name: "RESET-1 after END", send: (peer) => peer.send(data, open | end, 2, [1]).send(reset, 1, 2, [0, 1]) },
  {
    name: "two RESET-1",
    send: (peer) => peer.send(data, open, 2, [1]).send(reset, 1, 2, [0, 1]).send(reset, 1, 2, [0, 1]),
  },
  { name: "OPEN of a stream that is open", send: (peer) => peer.send(data, open, 2, [1]).send(data, open, 2, [1]) },
  { name: "OPEN of an earlier id", send: (peer) => peer.send(data, open, 4, [1]).send(data, open, 2, [1]) },
  { name: "OPEN of an id that belongs to the other side", send: (peer) => peer.send(data, open, 3, [1]) },
  {
    name: "an odd id towards a host and an even one towards a plugin",
    role: "plugin",
    send: (peer) => peer.send(data, open, 2, [1]),
  },
  { name: "BYTES after DATA", send: (peer) => peer.send(data, open, 2, [1]).send(bytes, 0, 2, [1]) },
  { name: "DATA after BYTES", send: (peer) => peer.send(bytes, open, 2, [1]).send(data, 0, 2, [1]) },
  { name: "CREDIT of 0", send: (peer) => peer.send(data, open, 2, [1]).credit(2, 0) },
  { name: "CREDIT on a stream that was never open", send: (peer) => peer.credit(2, 1) },
  { name: "CREDIT on a stream of this side that was never open", send: (peer) => peer.credit(1, 1) },
  { name: "RESET-2 on a stream that was never open", send: (peer) => peer.send(reset, 2, 8, [0, 1]) },
  { name: "a first fragment that has only its total", send: (peer) => peer.send(data, open | more, 2, u32(9)) },
  { name: "a first fragment as long as its total", send: (peer) => peer.send(data, open | more, 2, [...u32(2), 1, 2]) },
  {
    name: "fragments that are more than their total",
    send: (peer) => peer.send(data, open | more, 2, [...u32(3), 1]).send(data, 0, 2, [1, 2, 3]),
  },
  {
    name: "fragments that are less than their total",
    send: (peer) => peer.send(data, open | more, 2, [...u32(9), 1]).send(data, end, 2, [1]),
  },
  {
    name: "a last fragment with MORE",
    send: (peer) => peer.send(data, open | more, 2, [...u32(3), 1]).send(data, more, 2, [1, 2]),
  },
  { name: "a total of 0", send: (peer) => peer.send(data, open | more, 2, [...u32(0), 1]) },
  {
    name: "END in the middle of a message",
    send: (peer) => peer.send(data, open | more, 2, [...u32(9), 1]).send(data, end, 2),
  },
  { name: "an answer to a PING that was not sent", send: (peer) => peer.send(ping, 1, 0, [0, 0, 0, 0, 0, 0, 0, 1]) },
  { name: "a stream before the hello was done", admitted: false, send: (peer) => peer.send(data, open | end, 2, [1]) },
  { name: "CONTROL before the hello was done", admitted: false, send: (peer) => peer.send(control, 0, 0, [1]) },
  {
    name: "more bytes than the credit",
    code: CloseCode.credit,
    limits: { initialWindowBytes: 100 },
    send: (peer) => peer.send(bytes, open, 2, new Uint8Array(100)).send(bytes, 0, 2, [1]),
  },
  {
    name: "fragments beyond the credit",
    code: CloseCode.credit,
    limits: { initialWindowBytes: 100, maxMessageBytes: 100, maxBufferedBytes: 100 },
    send: (peer) =>
      peer
        .send(data, open | more, 2, [...u32(100), ...new Array(60).fill(0)])
        .send(data, open | more, 4, [...u32(100), ...new Array(60).fill(0)])
        .send(data, more, 4, new Uint8Array(39))
        .send(data, 0, 4, new Uint8Array(1))
        .send(data, 0, 2, new Uint8Array(40))
        .send(bytes, open, 6, new Uint8Array(101)),
  },
  {
    name: "credit beyond 2^31 - 1",
    code: CloseCode.credit,
    send: (peer) => peer.send(data, open, 2, [1]).credit(2, 0x7fff_ffff),
  },
  {
    name: "streams far over the limit that are never ended",
    code: CloseCode.limit,
    limits: { maxStreams: 3 },
    send: (peer) => {
      for (let id = 2; id <= 2 * 1_028; id += 2) peer.send(data, open, id, [1]);
    },
  },
];

describe("the session ends, with its code and a typed error, at", () => {
  for (const { name, send, code = CloseCode.protocol, error = "protocol", ...options } of violations) {
    it(name, () => {
      const peer = new RawPeer(options);
      send(peer);
      peer.run();
      assert.equal(peer.session.error?.code, error, peer.session.error?.message);
      assert.equal(peer.closeCode, code);
      assert.equal(peer.handler.closes, 1);
      assert.equal(peer.session.streamCount, 0);
      for (const stream of peer.accepted) {
        const ends = stream.told.filter((told) => /^(ended|aborted)|last$/.test(told));
        assert.ok(ends.length <= 1, `${stream.told}`);
      }
      assert.ok(peer.ended, "the peer was told by the end of the link");
    });
  }
});

describe("the session lives on after", () => {
  const harmless: readonly Violation[] = [
    {
      name: "CREDIT and RESET-2 on a stream that is over",
      send: (peer) => {
        peer.send(data, open | end, 2, [1]).run();
        peer.accepted[0]!.stream!.send(Uint8Array.of(1), true);
        peer.credit(2, 5).send(reset, 2, 2, [0, 1]);
      },
    },
    {
      name: "a flood of PINGs",
      send: (peer) => {
        for (let i = 0; i < 50_000; i++) peer.send(ping, 0, 0, [0, 0, 0, 0, ...u32(i)]);
      },
    },
    {
      name: "a flood of CREDITs of 1",
      send: (peer) => {
        peer.send(data, open, 2, [1]);
        for (let i = 0; i < 50_000; i++) peer.credit(2, 1);
      },
    },
    {
      name: "a flood of streams opened and reset",
      send: (peer) => {
        for (let id = 2; id < 40_000; id += 2) peer.send(data, open, id, [1]).send(reset, 3, id, [0, 1]);
      },
    },
    { name: "an optional frame", send: (peer) => peer.send(0x41, 7, 5, [1, 2, 3]) },
    { name: "empty BYTES", send: (peer) => peer.send(bytes, open, 2).send(bytes, 0, 2).send(bytes, end, 2) },
  ];
  for (const { name, send, ...options } of harmless) {
    it(name, () => {
      const peer = new RawPeer(options);
      send(peer);
      peer.run();
      peer.send(ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]).run();
      assert.equal(peer.session.error, undefined);
      assert.deepEqual([...peer.sent(ping).at(-1)!.payload], [1, 2, 3, 4, 5, 6, 7, 8]);
    });
  }
});

describe("a peer that never reads", () => {
  it("cannot make answers pile up without end", () => {
    const peer = new RawPeer({ reads: false, limits: { maxQueuedBytes: 100_000 } });
    for (let i = 0; i < 100_000; i++) peer.send(ping, 0, 0, [0, 0, 0, 0, ...u32(i)]);
    peer.run();
    assert.equal(peer.session.error?.code, "limit");
    assert.equal(peer.handler.closes, 1);
    assert.ok(peer.sessionLink.writtenBytes < 100_000 + 3 * 65_536, `${peer.sessionLink.writtenBytes}`);
  });

  it("does not end a session that only has bulk to send, however small the limit", () => {
    const peer = new RawPeer({ reads: false, limits: { maxQueuedBytes: 1_000 }, capacityBytes: 0 });
    const call = peer.open();
    call.stream!.send(new Uint8Array(1e6), true);
    peer.send(ping, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]).run();
    assert.equal(peer.session.error, undefined);
    peer.link.resume();
    peer.run();
    assert.equal(peer.sent(ping).length, 1);
  });
});
