import type { Role, StreamHandler } from "../../src/mux/mod.ts";
import { type MuxStream, Session, type StreamReset } from "../../src/mux/mod.ts";
import { defaultLimits, FrameDecoder, FrameEncoder, FrameType, preface } from "../../src/wire/mod.ts";
import { NotingHandler, SimulatedClock, SimulatedLink, type TestLimits } from "./mux_simulator.ts";
import { Random } from "./wire_random.ts";

/** A frame that a session sent. */
export interface SentFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/** Notes what a stream was told, in order. */
export class NotingStream implements StreamHandler {
  readonly told: string[] = [];
  readonly messages: Uint8Array[] = [];
  stream: MuxStream | undefined;
  /** What `stopped` answers. */
  endsLater = false;
  onMessage: (payload: Uint8Array, last: boolean) => void = () => {};
  onBytes: (chunk: Uint8Array) => void = () => {};
  onDrained: () => void = () => {};

  message(payload: Uint8Array, last: boolean): void {
    this.told.push(`message ${payload.length}${last ? " last" : ""}`);
    this.messages.push(payload);
    this.onMessage(payload, last);
  }
  bytes(chunk: Uint8Array): void {
    this.told.push(`bytes ${chunk.length}`);
    this.onBytes(chunk);
  }
  ended(): void {
    this.told.push("ended");
  }
  aborted(reset: StreamReset): void {
    this.told.push(`aborted ${reset.code}`);
  }
  tooLarge(totalBytes: number): void {
    this.told.push(`too large ${totalBytes}`);
  }
  stopped(reset: StreamReset): boolean {
    this.told.push(`stopped ${reset.code}`);
    return this.endsLater;
  }
  drained(): void {
    this.onDrained();
  }
  lost(error: { readonly code: string; readonly execution?: string }): void {
    this.told.push(`lost ${error.code} ${error.execution}`);
  }
}

/** A session whose peer is written by hand, frame by frame. The clock runs only when told to. */
export class RawPeer {
  readonly clock: SimulatedClock = new SimulatedClock();
  readonly session: Session;
  readonly handler: NotingHandler = new NotingHandler();
  /** Streams that the peer opened, in order. */
  readonly accepted: NotingStream[] = [];
  readonly frames: SentFrame[] = [];
  readonly link: SimulatedLink;
  readonly sessionLink: SimulatedLink;
  ended = false;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;

  constructor(
    options: {
      role?: Role;
      limits?: TestLimits;
      admitted?: boolean;
      capacityBytes?: number;
      reads?: boolean;
    } = {},
  ) {
    const { role = "host", limits = {}, admitted = true, capacityBytes = 65_536, reads = true } = options;
    const all = { ...defaultLimits, ...limits };
    const linkOptions = { random: new Random(1), maxDelayMs: 0, maxPieceBytes: 1e6, capacityBytes };
    [this.sessionLink, this.link] = SimulatedLink.pair(this.clock, linkOptions);
    this.session = new Session(this.sessionLink, {
      role,
      limits: all,
      initialWindowBytes: limits.initialWindowBytes,
      scheduler: this.clock.scheduler(),
      handler: this.handler,
    });
    this.handler.onOpened = (stream) => {
      const noting = new NotingStream();
      noting.stream = stream;
      this.accepted.push(noting);
      return noting;
    };
    this.#encoder = new FrameEncoder((bytes) => this.link.write(bytes));
    this.#encoder.raw(preface);
    this.#decoder = new FrameDecoder(1 << 20, {
      frame: (type, flags, streamId, payload) => this.frames.push({ type, flags, streamId, payload: payload.slice() }),
    });
    this.session.start();
    if (admitted) this.session.admit(all.maxStreams);
    this.link.start({
      bytes: (chunk) => this.#decoder.push(chunk),
      end: () => {
        this.ended = true;
        this.link.end();
      },
      drain: () => {},
      closed: () => {},
    });
    if (!reads) this.link.pause();
  }

  /** Writes a frame; nothing is delivered before {@linkcode RawPeer.run}. */
  send(type: number, flags: number, streamId: number, payload: Uint8Array | readonly number[] = []): this {
    this.#encoder.frame(type, flags, streamId, Uint8Array.from(payload));
    return this;
  }

  credit(streamId: number, bytes: number): this {
    this.#encoder.frame32(FrameType.credit, 0, streamId, bytes);
    return this;
  }

  /** Delivers everything, both ways, and lets `forMs` pass. */
  run(forMs = 0): this {
    this.#encoder.flush();
    if (forMs > 0) this.clock.at(forMs, () => {});
    this.clock.runAll();
    return this;
  }

  /** A stream of the session's own. */
  open(): NotingStream {
    const noting = new NotingStream();
    noting.stream = this.session.open(noting);
    return noting;
  }

  /** Frames of one type that the session sent. */
  sent(type: number): SentFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Code of the last GOAWAY, when there was one. */
  get closeCode(): number | undefined {
    const payload = this.sent(FrameType.goAway).at(-1)?.payload;
    return payload === undefined ? undefined : (payload[4]! << 8) | payload[5]!;
  }
}

/** The bytes of a number of 32 bits. */
export function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
