import { contract, method, type Served } from "../../mod.ts";
import { makeHello, processIdentity } from "../../src/hello/mod.ts";
import type { Role } from "../../src/mux/mod.ts";
import { RpcSession, type RpcSessionOptions, rpcEnvironment } from "../../src/rpc/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { type Link, memoryLinks } from "../../src/transport/mod.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits, FrameDecoder, FrameEncoder, FrameType, type Limits, preface } from "../../src/wire/mod.ts";

/** What one side of a session is made of. */
export interface SideOptions {
  readonly limits?: Partial<Limits>;
  readonly secret?: Uint8Array;
  readonly serves?: readonly Served[];
  readonly interceptors?: RpcSessionOptions["interceptors"];
  readonly sendStacks?: boolean;
  readonly explain?: RpcSessionOptions["explain"];
}

const environment = rpcEnvironment(await detectRuntime());

/** Deadlines that are set in this process. */
export function deadlinesSet(): number {
  return environment.deadlines.size;
}

/** One side of a session over a link, begun. */
export function openSide(role: Role, link: Link, options: SideOptions = {}): RpcSession {
  const limits = { ...defaultLimits, ...options.limits };
  const served = options.serves ?? [];
  const session = new RpcSession(link, {
    role,
    limits,
    environment,
    peerName: role === "host" ? "plugin tested" : "the host",
    plugin: role === "host" ? "tested" : undefined,
    secret: options.secret,
    interceptors: options.interceptors,
    sendStacks: options.sendStacks,
    ...(options.explain === undefined ? {} : { explain: options.explain }),
    hello: () =>
      makeHello({
        role,
        limits,
        identity: processIdentity(1),
        auth: options.secret !== undefined,
        versions: [1],
        version: role === "host" ? null : 1,
        served,
        owner: role === "host",
      }),
    serve: () => served,
  });
  session.start();
  return session;
}

/** Two sides joined in memory, begun; they may still be greeting each other. */
export function openPair(host: SideOptions = {}, plugin: SideOptions = {}): { host: RpcSession; plugin: RpcSession } {
  const [left, right] = memoryLinks();
  return { plugin: openSide("plugin", right, plugin), host: openSide("host", left, host) };
}

/** A contract to call. */
export const tool = contract("tool", { run: method() });

/** An implementation of `tool` that counts its calls. */
export function makeTool(): { served: Served; ran: number } {
  const made = {
    ran: 0,
    served: tool.implement({
      run() {
        made.ran++;
      },
    }),
  };
  return made;
}

/** The same, with an implementation of its own for each dispense. */
export function makeToolFactory(): { served: Served; made: number } {
  const counted = {
    made: 0,
    served: tool.implement(() => {
      counted.made++;
      return { run() {} };
    }),
  };
  return counted;
}

/** A frame that a session sent. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

export const codec = new ValueCodec(defaultLimits);

/** A peer written by hand: it says what it is told to, and keeps what it hears. */
export class RawPeer {
  readonly frames: RawFrame[] = [];
  readonly #byType: Map<number, RawFrame[]> = new Map();
  readonly #link: Link;
  readonly #encoder: FrameEncoder;
  #change: PromiseWithResolvers<void> = Promise.withResolvers();
  #ended = false;

  constructor(link: Link) {
    this.#link = link;
    this.#encoder = new FrameEncoder((bytes) => link.write(bytes));
    this.#encoder.raw(preface);
    const decoder = new FrameDecoder(1 << 20, {
      frame: (type, flags, streamId, payload) => {
        const frame = { type, flags, streamId, payload: payload.slice() };
        this.frames.push(frame);
        const alike = this.#byType.get(type);
        if (alike === undefined) this.#byType.set(type, [frame]);
        else alike.push(frame);
        this.#changed();
      },
    });
    link.start({
      bytes: (chunk) => decoder.push(chunk),
      end: () => {
        this.#ended = true;
        link.end();
        this.#changed();
      },
      drain: () => {},
      closed: () => {
        this.#ended = true;
        this.#changed();
      },
    });
  }

  /** Stops reading. */
  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  send(type: number, payload: Uint8Array, streamId = 0, flags = 0): void {
    this.#encoder.frame(type, flags, streamId, payload);
    this.#encoder.flush();
  }

  /** Sends a value as CBOR. */
  say(type: number, value: unknown, streamId = 0, flags = 0): void {
    this.send(type, codec.encode(value), streamId, flags);
  }

  /** Says hello as a side without a secret, with some keys changed. */
  hello(changed: Readonly<Record<string, unknown>> = {}): void {
    const hello = { wire: [1], role: "host", nonce: new Uint8Array(16), auth: false, versions: [1] };
    this.say(FrameType.hello, { ...hello, ...changed });
  }

  /** The first frame of this type after so many others of it. */
  async frame(type: number, skip = 0): Promise<RawFrame> {
    for (;;) {
      const found = this.#byType.get(type)?.[skip];
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the session ended without a frame of type ${type}`);
      await this.#change.promise;
    }
  }

  /** Code and text of the GOAWAY that ends the session. */
  async farewell(): Promise<{ code: number; text: string }> {
    for (let skip = 0; ; skip++) {
      const { flags, payload } = await this.frame(FrameType.goAway, skip);
      if (flags !== 0) continue;
      return { code: (payload[4]! << 8) | payload[5]!, text: new TextDecoder().decode(payload.subarray(6)) };
    }
  }

  end(): void {
    this.#link.end();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/** A plugin's session whose host is written by hand. */
export function withRawHost(options: SideOptions = {}): { plugin: RpcSession; host: RawPeer } {
  const [left, right] = memoryLinks();
  return { plugin: openSide("plugin", right, options), host: new RawPeer(left) };
}

/** A host's session whose plugin is written by hand. */
export function withRawPlugin(options: SideOptions = {}): { host: RpcSession; plugin: RawPeer } {
  const [left, right] = memoryLinks();
  return { host: openSide("host", left, options), plugin: new RawPeer(right) };
}
