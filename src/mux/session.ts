import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";
import { Flag, FrameType, goAwayDrain, type Limits, preface, ResetFlag } from "../wire/mod.ts";
import { read16, read32 } from "./_bytes.ts";
import { closeCodeOf, decodeGoAway, encodeGoAway, goAwayError } from "./_go_away.ts";
import { Inbound } from "./_inbound.ts";
import { Outbound } from "./_outbound.ts";
import { Pings } from "./_pings.ts";
import { isAfter } from "./_stream_ids.ts";
import { StreamTable } from "./_stream_table.ts";
import { Streams, type StreamsOwner } from "./_streams.ts";
import { CloseCode } from "./codes.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Role, SessionHandler, SessionOptions } from "./session_handler.ts";
import type { MuxStream } from "./stream.ts";
import { StreamFault, type StreamHandler } from "./stream_handler.ts";

/** Time the link has for its end once the session is over, in ms. */
const lingerMs = 1_000;

/**
 * Everything multiplexed over one link: streams with their turns and credit, ping and go-away. It knows
 * nothing of calls, and takes all time from its scheduler. PROTOCOL.md §4, §5.
 */
export class Session {
  readonly role: Role;
  readonly limits: Limits;
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #handler: SessionHandler;
  readonly #in: Inbound;
  readonly #out: Outbound;
  readonly #table: StreamTable;
  readonly #streams: Streams;
  readonly #pings: Pings;
  #phase: "greeting" | "open" | "closing" | "over" = "greeting";
  #drainSent = false;
  #peerGone = false;
  #error: PluginError | undefined;
  #linger: { cancel(): void } | undefined;

  constructor(link: Link, options: SessionOptions) {
    this.role = options.role;
    this.limits = options.limits;
    this.#link = link;
    this.#scheduler = options.scheduler;
    this.#handler = options.handler;
    this.#in = new Inbound(link, options.limits.maxFrameBytes, options.scheduler, {
      frame: (...frame) => this.#onFrame(...frame),
      fault: (error) => this.fail(PluginError.from(error, ErrorCode.internal)),
      end: () => this.#onEnd(),
    });
    this.#out = new Outbound(link, options.scheduler);
    this.#table = new StreamTable(options.role === "host" ? 1 : 2, options.limits);
    if (options.after !== undefined) this.#table.goOnAfter(options.after.local, options.after.remote);
    this.#streams = new Streams(options, this.#table, this.#out, this.#streamsOwner());
    this.#pings = new Pings(options.scheduler, (flags, payload) => this.#writePing(flags, payload));
  }

  /** Streams open, from either side. */
  get streamCount(): number {
    return this.#table.size;
  }

  /** Those with a number, from either side. */
  get streams(): MuxStream[] {
    return this.#table.all();
  }

  /** Streams of this side that wait for the peer to have room. */
  get waitingCount(): number {
    return this.#table.waitingCount;
  }

  /** Bytes of room taken by messages larger than their window: of calls, and of replies. */
  get admittedBytes(): { readonly calls: number; readonly replies: number } {
    return this.#table.admittedBytes;
  }

  /** True while more replies wait than the peer reads: no further calls should be started then. */
  get isCongested(): boolean {
    return this.#streams.replyBytes > this.limits.maxQueuedBytes;
  }

  /** True once the session is over or on its way there. */
  get isClosing(): boolean {
    return this.#phase === "closing" || this.#phase === "over";
  }

  /** What broke the session. */
  get error(): PluginError | undefined {
    return this.#error;
  }

  /** Begins: sends the preface and listens. */
  start(): void {
    this.#out.encoder.raw(preface);
    this.#out.schedule();
    this.#link.start({
      bytes: (chunk) => this.#in.bytes(chunk),
      end: () => this.#in.end(),
      drain: () => this.#out.drained(),
      closed: (cause) => this.#onClosed(cause),
    });
  }

  /** Sends a HELLO, AUTH or CONTROL frame. */
  sendControl(type: FrameType, payload: Uint8Array): void {
    if (this.isClosing) return;
    this.#out.encoder.frame(type, 0, 0, payload);
    this.#written();
  }

  /** The hello is done: streams may be opened, both ways. @param peerMaxStreams How many the peer takes. */
  admit(peerMaxStreams: number): void {
    if (this.#phase !== "greeting") return;
    this.#phase = "open";
    this.#table.maxLocal = peerMaxStreams;
    this.#streams.openWaiting();
  }

  /** Keeps frames that arrive from now on, until {@linkcode Session.release}: for a check that takes time. */
  hold(): void {
    this.#in.hold();
  }

  /** Takes up the frames that were kept. */
  release(): void {
    this.#in.release();
  }

  /** A stream of this side. Nothing is sent before its first frame. */
  open(handler: StreamHandler): MuxStream {
    return this.#streams.open(handler);
  }

  /** Measures a round trip, in ms. Rejects with the session's error when it ends before. */
  ping(): Promise<number> {
    if (this.isClosing) return Promise.reject(this.#reason());
    return this.#pings.send();
  }

  /** Tells the peer to begin nothing new. @param code Why: normally, or because another host has taken its place. */
  drain(code: number = CloseCode.normal): void {
    if (this.isClosing || this.#drainSent) return;
    this.#drainSent = true;
    this.#writeGoAway(goAwayDrain, code, "");
  }

  /** Ends the session: the last GOAWAY, the end of the link, then (with a bound) the peer's. */
  close(code: number = CloseCode.normal, text = ""): void {
    if (this.isClosing) return;
    this.#writeGoAway(0, code, text);
    this.#phase = "closing";
    this.#in.stop();
    this.#streams.loseAll();
    this.#out.flush();
    this.#link.end();
    this.#linger = this.#scheduler.setTimer(() => this.#link.destroy(), lingerMs);
  }

  /** Ends the session because something is wrong, and tells the peer. */
  fail(error: PluginError, code: number = closeCodeOf(error)): void {
    if (this.isClosing) return;
    this.#error = error;
    // Reading goes on so that the peer, which may be in the middle of a write, comes to read why.
    this.close(code, error.message);
  }

  /** Ends the session at once. */
  destroy(error?: PluginError): void {
    if (this.#phase === "over") return;
    this.#error ??= error;
    this.#in.stop();
    this.#link.destroy(error);
  }

  // What the way in and the link call.

  #onEnd(): void {
    // Both directions are over: nothing more can come.
    if (this.isClosing) return;
    if (!this.#peerGone) {
      this.#error ??= new PluginError(
        ErrorCode.closed,
        `the peer ended the session without a GOAWAY (${this.#link.name})`,
      );
    }
    this.close();
  }

  #onClosed(cause?: unknown): void {
    if (this.#phase === "over") return;
    this.#in.finish();
    this.#linger?.cancel();
    if (!this.isClosing && this.#error === undefined) {
      const text = cause instanceof Error ? cause.message : "the connection was closed";
      this.#error = new PluginError(ErrorCode.closed, `${text} (${this.#link.name})`, { cause });
    }
    this.#phase = "over";
    this.#streams.loseAll();
    this.#pings.fail(this.#reason());
    this.#handler.closed(this.#error);
  }

  #onFrame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.isClosing) return;
    try {
      this.#dispatch(type, flags, streamId, payload);
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
      this.fail(new PluginError(ErrorCode.protocol, `the peer sent ${error.message}`), error.closeCode);
    }
  }

  #dispatch(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    if (type <= FrameType.reset) return this.#onStreamFrame(type, flags, streamId, payload);
    if (type === FrameType.ping) return this.#pings.receive(flags, payload);
    if (type === FrameType.goAway) return this.#onGoAway(flags, payload);
    if (type === FrameType.control && this.#phase === "greeting")
      throw new StreamFault("CONTROL before the hello was done");
    this.#handler.control(type, payload);
  }

  #onStreamFrame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#phase === "greeting") throw new StreamFault("a stream before the hello was done");
    const opens = type <= FrameType.bytes && (flags & Flag.open) !== 0;
    const stream = opens ? this.#streams.accept(streamId) : this.#table.get(streamId);
    if (stream === undefined) return this.#onLateFrame(type, flags, streamId);
    if (this.isClosing) return;
    if (type === FrameType.data) return stream.receiveData(flags, payload);
    if (type === FrameType.bytes) return stream.receiveBytes(flags, payload);
    if (type === FrameType.credit) return stream.receiveCredit(read32(payload, 0));
    const reset = { code: read16(payload, 0), reason: payload.subarray(2) };
    if ((flags & ResetFlag.stopped) !== 0) stream.receiveStopped(reset);
    if ((flags & ResetFlag.stop) !== 0) stream.receiveStop(reset);
  }

  /** CREDIT and a wish to stop may cross the end of a stream; nothing else comes after it. */
  #onLateFrame(type: FrameType, flags: number, streamId: number): void {
    const mayBeLate = type === FrameType.credit || (type === FrameType.reset && flags === ResetFlag.stop);
    if (mayBeLate && this.#table.wasOpen(streamId)) return;
    throw new StreamFault(`a frame on stream ${streamId}, which is not open`);
  }

  #onGoAway(flags: number, payload: Uint8Array): void {
    const goAway = decodeGoAway(flags === goAwayDrain, payload);
    if (goAway.drain) return this.#handler.goAway(goAway);
    this.#peerGone = true;
    this.#error ??= goAwayError(goAway);
    for (const stream of this.#table.all()) {
      if (stream.local && isAfter(stream.id, goAway.lastStream)) this.#streams.lose(stream, "none");
    }
    this.#handler.goAway(goAway);
    this.close();
  }

  #streamsOwner(): StreamsOwner {
    const session = this;
    return {
      get isOpen() {
        return session.#phase === "open";
      },
      get isClosing() {
        return session.isClosing;
      },
      opened: (stream) => this.#handler.opened(stream),
      streamOver: () => this.#handler.streamOver(),
      written: (mayWait) => this.#written(mayWait),
      reason: () => this.#reason(),
    };
  }

  #written(mayWait = false): void {
    if (mayWait) this.#out.scheduleLate();
    else this.#out.schedule();
    if (this.#out.blockedBytes <= this.limits.maxQueuedBytes || this.isClosing) return;
    const error = `the peer does not read: ${this.#out.blockedBytes} bytes wait for it, at most ${this.limits.maxQueuedBytes} may`;
    this.fail(new PluginError(ErrorCode.limit, error), CloseCode.limit);
  }

  #writePing(flags: number, payload: Uint8Array): void {
    this.#out.encoder.frame(FrameType.ping, flags, 0, payload);
    this.#written();
  }

  #writeGoAway(flags: number, code: number, text: string): void {
    this.#out.encoder.frame(FrameType.goAway, flags, 0, encodeGoAway(this.#table.lastRemote, code, text));
    this.#out.schedule();
  }

  #reason(): PluginError {
    return this.#error ?? new PluginError(ErrorCode.closed, `the session is closed (${this.#link.name})`);
  }
}
