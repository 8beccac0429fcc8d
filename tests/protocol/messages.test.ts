import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SessionProof } from "../../src/hello/auth.ts";
import { type Hello, parseHello } from "../../src/hello/hello.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits, FrameDecoder, FrameEncoder, FrameType, preface } from "../../src/wire/mod.ts";
import { HandLink } from "./_hand_link.ts";
import { type Role, recordedHello, Side } from "./_programs.ts";
import { bytesOf, evaluate, hexOf, readVectors } from "./_vectors.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly value?: string;
}
type HelloVector = Vector & { readonly role: Role; readonly reads: Partial<Record<keyof Hello, unknown>> };
type ReplyVector = Vector & {
  readonly value_of_call?: string;
  readonly thrown?: string;
  readonly error?: Readonly<Record<string, unknown>>;
};

const hellos = readVectors<Record<"hellos" | "accepted" | "refused", readonly HelloVector[]>>("hellos.json");
const auth = readVectors<
  Record<"secret" | "host_hello" | "plugin_hello" | "host_proof" | "plugin_proof", string> & {
    readonly tls: readonly Record<
      "server_certificate" | "client_certificate" | "host_proof" | "plugin_proof",
      string
    >[];
  }
>("auth.json");
const messages = readVectors<{
  readonly calls: readonly (Vector & { readonly reply?: string })[];
  readonly refused_calls: readonly (Vector & { readonly code: string })[];
  readonly replies: readonly ReplyVector[];
  readonly control: readonly Vector[];
  readonly refused_control: readonly (Vector & { readonly close: number })[];
  readonly reasons: readonly Vector[];
}>("calls.json");

const codec = new ValueCodec(defaultLimits);
const callFlags = 5;
const endFlag = 4;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** A session of this implementation whose peer is written by hand, up to the hellos. */
class Peer {
  readonly #link = new HandLink();
  readonly #encoder = new FrameEncoder((bytes) => this.#link.deliver(bytes));
  readonly #frames: Frame[] = [];
  #decoded = 0;
  readonly #decoder = new FrameDecoder(65_536, {
    frame: (type, flags, _streamId, payload) => this.#frames.push({ type, flags, payload: payload.slice() }),
  });
  side!: Side;

  static async of(role: Role): Promise<Peer> {
    const peer = new Peer();
    peer.side = await Side.open(role, peer.#link, undefined);
    peer.#encoder.raw(preface);
    peer.send(FrameType.hello, 0, 0, codec.encode(recordedHello(role === "host" ? "plugin" : "host", false)));
    await peer.next(FrameType.hello);
    return peer;
  }

  send(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    this.#encoder.frame(type, flags, streamId, payload);
    this.#encoder.flush();
  }

  /** The next frame of this type that the session sent, waited for. */
  async next(type: FrameType): Promise<Frame> {
    for (;;) {
      const { written } = this.#link;
      this.#decoder.push(written.slice(this.#decoded));
      this.#decoded = written.length;
      for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
        if (frame.type === type) return frame;
      }
      assert.ok(!this.#link.isEnded, "the session ended");
      await this.#link.hasWritten(this.#decoded + 1);
    }
  }

  /** Ends the session from this side. */
  async close(): Promise<void> {
    this.#link.deliverEnd();
    await this.side.session.closed;
  }
}

function reads({ reads: expected }: HelloVector): Record<string, unknown> {
  const { frame, streams, message, depth, dispensed, references } = recordedHello("host", false).limits;
  const defaults = {
    wire: [1],
    role: "host",
    nonce: "00".repeat(16),
    auth: false,
    limits: { frame, streams, message, depth, dispensed, references },
    features: [],
    instance: "",
    pid: 0,
    started: 0,
    contracts: [],
    owner: true,
    software: "",
  };
  return { ...defaults, ...expected };
}

describe("hellos", () => {
  for (const vector of [...hellos.hellos, ...hellos.accepted]) {
    it(`reads ${vector.name}`, () => {
      const { nonce, ...rest } = parseHello(bytesOf(vector.hex), codec, vector.role);
      assert.deepEqual({ ...rest, nonce: hexOf(nonce) }, reads(vector));
    });
  }
  for (const vector of hellos.hellos) {
    it(`writes ${vector.name}`, () => {
      assert.equal(hexOf(codec.encode(recordedHello(vector.role, true))), vector.hex);
    });
  }
  for (const { name, hex, role } of hellos.refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseHello(bytesOf(hex), codec, role), { name: "PluginError", code: "protocol" });
    });
  }
});

describe("proofs", () => {
  const proofs = { host: bytesOf(auth.host_proof), plugin: bytesOf(auth.plugin_proof) };
  const made = SessionProof.create(bytesOf(auth.secret), bytesOf(auth.host_hello), bytesOf(auth.plugin_hello));

  for (const role of ["host", "plugin"] as const) {
    it(`makes and takes the ${role}'s`, async () => {
      assert.deepEqual(await (await made).of(role), proofs[role]);
      assert.equal(await (await made).holds(role, proofs[role]), true);
    });
    it(`refuses the ${role}'s from the other side, and with any byte changed`, async () => {
      assert.equal(await (await made).holds(role === "host" ? "plugin" : "host", proofs[role]), false);
      for (let i = 0; i < proofs[role].length; i++) {
        const changed = proofs[role].slice();
        changed[i]! ^= 1;
        assert.equal(await (await made).holds(role, changed), false);
      }
    });
  }

  for (const [at, one] of auth.tls.entries()) {
    it(`binds a session under TLS to the certificates of both sides (${at})`, async () => {
      const binding = bytesOf(one.server_certificate + one.client_certificate);
      const hellos = [bytesOf(auth.host_hello), bytesOf(auth.plugin_hello)] as const;
      const bound = await SessionProof.create(bytesOf(auth.secret), ...hellos, binding);
      for (const role of ["host", "plugin"] as const) {
        assert.deepEqual(await bound.of(role), bytesOf(one[`${role}_proof`]));
        assert.equal(await (await made).holds(role, bytesOf(one[`${role}_proof`])), false);
      }
    });
  }
});

describe("calls that arrive", () => {
  for (const { name, hex, value, reply } of messages.calls) {
    it(`takes ${name}`, async () => {
      assert.equal(hexOf(codec.encode(evaluate(value!))), hex);
      const peer = await Peer.of("plugin");
      peer.send(FrameType.control, 0, 0, codec.encode([0, 0, "greeter"]));
      peer.send(FrameType.data, callFlags, 1, bytesOf(hex));
      if (reply !== undefined) {
        const frame = await peer.next(FrameType.data);
        assert.equal(frame.flags, endFlag);
        assert.equal(hexOf(frame.payload), reply);
      } else {
        assert.equal(hexOf((await peer.next(FrameType.control)).payload), hexOf(codec.encode([0, 0, "names"])));
      }
      await peer.close();
    });
  }
  for (const { name, hex, code } of messages.refused_calls) {
    it(`answers ${name} with ${code}, and goes on`, async () => {
      const peer = await Peer.of("plugin");
      peer.send(FrameType.control, 0, 0, codec.encode([0, 0, "greeter"]));
      peer.send(FrameType.data, callFlags, 1, bytesOf(hex));
      const [references, status, body] = codec.decode((await peer.next(FrameType.data)).payload) as unknown[];
      const { code: got, execution } = body as { readonly code: string; readonly execution: string };
      assert.deepEqual([references, status, got, execution], [null, 2, code, "none"]);
      peer.send(FrameType.data, callFlags, 3, bytesOf(messages.calls[0]!.hex));
      assert.equal(hexOf((await peer.next(FrameType.data)).payload), messages.calls[0]!.reply);
      await peer.close();
    });
  }
});

describe("replies that arrive", () => {
  for (const vector of messages.replies) {
    it(`takes ${vector.name}`, async () => {
      assert.equal(hexOf(codec.encode(evaluate(vector.value!))), vector.hex);
      const peer = await Peer.of("host");
      const { session } = peer.side;
      await session.opened;
      const call = peer.side.dispense().greet("World");
      await peer.next(FrameType.data);
      peer.send(FrameType.data, endFlag, 1, bytesOf(vector.hex));
      if (vector.value_of_call !== undefined) {
        assert.deepEqual(await call, evaluate(vector.value_of_call));
      } else {
        const thrown: unknown = await call.then(
          () => assert.fail("it succeeded"),
          (error: unknown) => error,
        );
        if (vector.thrown !== undefined) assert.deepEqual(thrown, evaluate(vector.thrown));
        else checkError(thrown as Record<string, unknown>, vector.error!);
      }
      await peer.close();
    });
  }
});

function checkError(thrown: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(expected)) {
    const met = key === "cause" ? (thrown.cause as Error).message : thrown[key];
    assert.deepEqual(met, value, key);
  }
}

describe("CONTROL that arrives", () => {
  for (const { name, hex } of messages.control) {
    it(`takes ${name}, and goes on`, async () => {
      const peer = await Peer.of("plugin");
      peer.send(FrameType.control, 0, 0, codec.encode([0, 0, "greeter"]));
      peer.send(FrameType.control, 0, 0, bytesOf(hex));
      peer.send(FrameType.data, callFlags, 1, bytesOf(messages.calls[0]!.hex));
      assert.equal(hexOf((await peer.next(FrameType.data)).payload), messages.calls[0]!.reply);
      await peer.close();
    });
  }
  for (const { name, hex, close } of messages.refused_control) {
    it(`ends the session with code ${close} at ${name}`, async () => {
      const peer = await Peer.of("plugin");
      peer.send(FrameType.control, 0, 0, codec.encode([0, 0, "greeter"]));
      peer.send(FrameType.control, 0, 0, bytesOf(hex));
      const { payload, flags } = await peer.next(FrameType.goAway);
      assert.deepEqual([flags, payload[4], payload[5]], [0, 0, close]);
      await peer.close();
    });
  }
});

describe("reasons of a RESET", () => {
  for (const { name, hex } of messages.reasons) {
    it(`cancels a call for ${name}, and answers with STOPPED`, async () => {
      const peer = await Peer.of("plugin");
      peer.send(FrameType.control, 0, 0, codec.encode([0, 0, "greeter"]));
      peer.send(FrameType.data, callFlags, 1, codec.encode([null, 0, "wait", []]));
      peer.send(FrameType.reset, 2, 1, Uint8Array.of(0, 1, ...bytesOf(hex)));
      const { flags, payload } = await peer.next(FrameType.reset);
      assert.deepEqual([flags, hexOf(payload)], [1, "0001"]);
      await peer.close();
    });
  }
});
