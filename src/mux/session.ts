import { ErrorCode, type Execution, PluginError } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";
import {
  Flag,
  FrameDecoder,
  FrameType,
  goAwayDrain,
  type Limits,
  maxReasonBytes,
  pingAck,
  preface,
  ResetFlag,
} from "../wire/mod.ts";
import { read16, read32 } from "./_bytes.ts";
import { Outbound } from "./_outbound.ts";
import { Pings } from "./_pings.ts";
import { isAfter } from "./_stream_ids.ts";
import { StreamTable } from "./_stream_table.ts";
import type { Admission } from "./admission.ts";
import { CloseCode, ResetCode } from "./codes.ts";
import type { Scheduler } from "./scheduler.ts";
import { MuxStream, StreamFault, type StreamHandler, type StreamPort } from "./stream.ts";

/** The side of a session: hosts open odd streams, plugins even ones. */
export type Role = "host" | "plugin";

/** A GOAWAY that arrived. */
export interface GoAway {
  /** No new calls, but what runs goes on. Without it the peer is going at once. */
  readonly drain: boolean;
  /** The last of this side's streams that the peer took up. Later ones never ran. */
  readonly lastStream: number;
  readonly code: number;
  readonly text: string;
}

/** What happens on a session. Methods must not throw. */
export interface SessionHandler {
  /** The peer opened a stream: gives what handles it, or `undefined` to refuse it. */
  opened(stream: MuxStream): StreamHandler | undefined;
  /** A HELLO, AUTH or CONTROL frame. */
  control(type: FrameType, payload: Uint8Array): void;
  goAway(goAway: GoAway): void;
  /** A stream ended. */
  streamOver(): void;
  /** The session is over and its link closed. Called once, last. `error` is what broke it. */
  closed(error: PluginError | undefined): void;
}

/** Options of {@linkcode Session}. */
export interface SessionOptions {
  readonly role: Role;
  readonly limits: Limits;
  readonly scheduler: Scheduler;
  readonly handler: SessionHandler;
  /** Ids of the last streams of either side, when they do not begin anew: for tests of their wrap. */
  readonly after?: { readonly local: number; readonly remote: number };
}

/** Payload of one stream's turn, in bytes, when others wait for theirs. One that is alone sends twice as much in a frame. */
const turnBytes = 32_768;
/** Time the link has for its end once the session is over, in ms. */
const lingerMs = 1_000;

type Phase = "greeting" | "open" | "closing" | "over";

interface HeldFrame {
  readonly type: FrameType;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

const closeCodes: ReadonlyMap<ErrorCode, number> = new Map([
  [ErrorCode.limit, CloseCode.limit],
  [ErrorCode.authentication, CloseCode.authentication],
  [ErrorCode.internal, CloseCode.internal],
]);
const noReason = new Uint8Array(0);
const ignore = (): void => {};
const refused: StreamHandler = {
  message: ignore,
  bytes: ignore,
  ended: ignore,
  aborted: ignore,
  tooLarge: ignore,
  stopped: () => false,
  drained: ignore,
  lost: ignore,
};

/**
 * Everything multiplexed over one link: streams with their turns and credit, ping and go-away. It knows
 * nothing of calls, and takes all time from its scheduler. PROTOCOL.md §4, §5.
 */
export class Session implements StreamPort {
  readonly role: Role;
  readonly limits: Limits;
  /** See {@linkcode StreamPort.turnBytes}. */
  readonly sharedTurnBytes: number = turnBytes;
  readonly maxMessageBytes: number;
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #handler: SessionHandler;
  readonly #decoder: FrameDecoder;
  readonly #out: Outbound;
  readonly #table: StreamTable;
  readonly #pings: Pings;
  #phase: Phase = "greeting";
  #held: HeldFrame[] | undefined;
  #heldEnd = false;
  #replyBytes = 0;
  #drainSent = false;
  #peerGone = false;
  #error: PluginError | undefined;
  #linger: { cancel(): void } | undefined;

  constructor(link: Link, options: SessionOptions) {
    this.role = options.role;
    this.limits = options.limits;
    this.maxMessageBytes = options.limits.maxMessageBytes;
    this.#link = link;
    this.#scheduler = options.scheduler;
    this.#handler = options.handler;
    this.#decoder = new FrameDecoder(options.limits.maxFrameBytes, { frame: (...frame) => this.#onFrame(...frame) });
    this.#out = new Outbound(link, options.scheduler);
    this.#table = new StreamTable(options.role === "host" ? 1 : 2, options.limits);
    if (options.after !== undefined) this.#table.goOnAfter(options.after.local, options.after.remote);
    this.#pings = new Pings(options.scheduler, (payload) => this.#writePing(0, payload));
  }

  /** Name of the link. */
  get linkName(): string {
    return this.#link.name;
  }

  /** Streams open, from either side. */
  get streamCount(): number {
    return this.#table.size;
  }

  /** Streams of this side that wait for the peer to have room. */
  get waitingCount(): number {
    return this.#table.waitingCount;
  }

  /** True while more replies wait than the peer reads: no further calls should be started then. */
  get isCongested(): boolean {
    return this.#replyBytes > this.limits.maxQueuedBytes;
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
      bytes: (chunk) => this.#onBytes(chunk),
      end: () => this.#onEnd(),
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
    this.#openWaiting();
  }

  /** Keeps frames that arrive from now on, until {@linkcode Session.release}: for a check that takes time. */
  hold(): void {
    if (this.#held !== undefined) return;
    this.#held = [];
    this.#link.pause();
  }

  /** Takes up the frames that were kept. */
  release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    for (const [index, frame] of held.entries()) {
      // Taking one up may begin to hold again.
      if (this.#held !== undefined) {
        (this.#held as HeldFrame[]).push(...held.slice(index));
        return;
      }
      this.#onFrame(frame.type, frame.flags, frame.streamId, frame.payload);
    }
    // The last one may have too.
    if (this.#held !== undefined) return;
    this.#link.resume();
    if (!this.#heldEnd) return;
    this.#heldEnd = false;
    this.#onEnd();
  }

  /** A stream of this side. Nothing is sent before its first frame. */
  open(handler: StreamHandler): MuxStream {
    return new MuxStream(this, handler, true, this.limits.initialWindowBytes);
  }

  /** Measures a round trip, in ms. Rejects with the session's error when it ends before. */
  ping(): Promise<number> {
    if (this.isClosing) return Promise.reject(this.#reason());
    return this.#pings.send();
  }

  /** Tells the peer to begin nothing new. */
  drain(): void {
    if (this.isClosing || this.#drainSent) return;
    this.#drainSent = true;
    this.#writeGoAway(goAwayDrain, CloseCode.normal, "");
  }

  /** Ends the session: the last GOAWAY, the end of the link, then (with a bound) the peer's. */
  close(code: number = CloseCode.normal, text = ""): void {
    if (this.isClosing) return;
    this.#writeGoAway(0, code, text);
    this.#phase = "closing";
    this.#letGo();
    this.#loseStreams();
    this.#out.flush();
    this.#link.end();
    this.#linger = this.#scheduler.setTimer(() => this.#link.destroy(), lingerMs);
  }

  /** Ends the session because something is wrong, and tells the peer. */
  fail(error: PluginError, code: number = closeCodes.get(error.code) ?? CloseCode.protocol): void {
    if (this.isClosing) return;
    this.#error = error;
    this.#decoder.stop();
    // Reading goes on so that the peer, which may be in the middle of a write, comes to read why.
    this.close(code, error.message);
  }

  /** Ends the session at once. */
  destroy(error?: PluginError): void {
    if (this.#phase === "over") return;
    this.#error ??= error;
    this.#decoder.stop();
    this.#link.destroy(error);
  }

  /** Drops the frames that were kept, so that the peer's end comes through. */
  #letGo(): void {
    if (this.#held === undefined) return;
    this.#held = undefined;
    this.#link.resume();
  }

  // What the link calls.

  #onBytes(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.fail(PluginError.from(error, ErrorCode.internal));
    }
  }

  #onEnd(): void {
    // Both directions are over: nothing more can come.
    if (this.isClosing) return;
    if (this.#held !== undefined) {
      this.#heldEnd = true;
      return;
    }
    if (!this.#peerGone) {
      this.#error ??= new PluginError(
        ErrorCode.closed,
        `the peer ended the session without a GOAWAY (${this.#link.name})`,
      );
    }
    this.#decoder.stop();
    this.close();
  }

  #onClosed(cause?: unknown): void {
    if (this.#phase === "over") return;
    this.#linger?.cancel();
    this.#decoder.stop();
    if (!this.isClosing && this.#error === undefined) {
      const text = cause instanceof Error ? cause.message : "the connection was closed";
      this.#error = new PluginError(ErrorCode.closed, `${text} (${this.#link.name})`, { cause });
    }
    this.#phase = "over";
    this.#held = undefined;
    this.#loseStreams();
    this.#pings.fail(this.#reason());
    this.#handler.closed(this.#error);
  }

  // What the decoder calls.

  #onFrame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#held !== undefined) {
      this.#held.push({ type, flags, streamId, payload });
      return;
    }
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
    if (type === FrameType.ping) return this.#onPing(flags, payload);
    if (type === FrameType.goAway) return this.#onGoAway(flags, payload);
    if (type === FrameType.control && this.#phase === "greeting")
      throw new StreamFault("CONTROL before the hello was done");
    this.#handler.control(type, payload);
  }

  #onStreamFrame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#phase === "greeting") throw new StreamFault("a stream before the hello was done");
    const opens = type <= FrameType.bytes && (flags & Flag.open) !== 0;
    const stream = opens ? this.#accept(streamId) : this.#table.get(streamId);
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

  #accept(streamId: number): MuxStream {
    const stream = new MuxStream(this, refused, false, this.limits.initialWindowBytes);
    const hasRoom = this.#table.accept(stream, streamId);
    const handler = hasRoom ? this.#handler.opened(stream) : undefined;
    if (handler === undefined) {
      stream.reset(ResetCode.refused);
      return stream;
    }
    stream.handler = handler;
    // Closed from inside `opened`, when there was no handler yet to be told.
    if (this.isClosing) handler.lost(this.#reason().with({ execution: "none" }));
    return stream;
  }

  #onPing(flags: number, payload: Uint8Array): void {
    if (flags !== pingAck) return this.#writePing(pingAck, payload);
    if (!this.#pings.answered(payload)) throw new StreamFault("an answer to a PING that was not sent");
  }

  #onGoAway(flags: number, payload: Uint8Array): void {
    const goAway: GoAway = {
      drain: flags === goAwayDrain,
      lastStream: read32(payload, 0),
      code: read16(payload, 4),
      text: new TextDecoder().decode(payload.subarray(6)),
    };
    if (goAway.drain) return this.#handler.goAway(goAway);
    this.#peerGone = true;
    if (goAway.code !== CloseCode.normal) this.#error ??= peerError(goAway);
    for (const stream of this.#table.all()) {
      if (stream.local && isAfter(stream.id, goAway.lastStream)) this.#lose(stream, "none");
    }
    this.#handler.goAway(goAway);
    this.close();
  }

  // StreamPort

  get turnBytes(): number {
    return this.#out.isCrowded ? this.sharedTurnBytes : this.sharedTurnBytes * 2;
  }

  admission(stream: MuxStream): Admission {
    return this.#table.admission(stream);
  }

  ready(stream: MuxStream): boolean {
    if (!this.#out.isFree || this.isClosing) return false;
    return stream.id !== 0 || (this.#phase === "open" && this.#table.hasRoom);
  }

  enqueue(stream: MuxStream): void {
    if (this.isClosing) return this.#lose(stream);
    if (stream.hasPlace) return this.#out.enqueue(stream);
    if (stream.isWaiting) return;
    if (this.#phase === "open" && this.#table.hasRoom) {
      this.#table.reserve(stream);
      return this.#out.enqueue(stream);
    }
    stream.isWaiting = true;
    this.#table.wait(stream);
  }

  data(stream: MuxStream, flags: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.frame(FrameType.data, flags | open, stream.id, payload);
    if (open !== 0) stream.opened();
    this.#written();
  }

  firstFragment(stream: MuxStream, flags: number, totalBytes: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.prefixed(FrameType.data, flags | open, stream.id, totalBytes, payload);
    if (open !== 0) stream.opened();
    this.#written();
  }

  bytes(stream: MuxStream, flags: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.frame(FrameType.bytes, flags | open, stream.id, payload);
    if (open !== 0) stream.opened();
    this.#written();
  }

  credit(stream: MuxStream, bytes: number): void {
    this.#out.encoder.frame32(FrameType.credit, 0, stream.id, bytes);
    this.#written();
  }

  reset(stream: MuxStream, flags: number, code: number, reason: Uint8Array): void {
    const kept = reason.length > maxReasonBytes ? noReason : reason;
    const body = new Uint8Array(2 + kept.length);
    body[0] = code >>> 8;
    body[1] = code;
    body.set(kept, 2);
    this.#out.encoder.frame(FrameType.reset, flags, stream.id, body);
    this.#written();
  }

  finished(stream: MuxStream): void {
    this.#table.leave(stream);
    if (stream.local) this.#openWaiting();
    this.#handler.streamOver();
  }

  queued(stream: MuxStream, bytes: number): void {
    if (!stream.local) this.#replyBytes += bytes;
  }

  #opening(stream: MuxStream): number {
    if (stream.id !== 0) return 0;
    this.#table.enter(stream);
    return Flag.open;
  }

  #openWaiting(): void {
    if (this.#phase !== "open") return;
    for (let next = this.#table.nextWaiting(); next !== undefined; next = this.#table.nextWaiting()) {
      next.isWaiting = false;
      this.#table.reserve(next);
      this.#out.enqueue(next);
    }
  }

  #written(): void {
    this.#out.schedule();
    if (this.#out.blockedBytes <= this.limits.maxQueuedBytes || this.isClosing) return;
    const error = `the peer does not read: ${this.#out.blockedBytes} bytes wait for it, at most ${this.limits.maxQueuedBytes} may`;
    this.fail(new PluginError(ErrorCode.limit, error), CloseCode.limit);
  }

  #writePing(flags: number, payload: Uint8Array): void {
    this.#out.encoder.frame(FrameType.ping, flags, 0, payload);
    this.#written();
  }

  #writeGoAway(flags: number, code: number, text: string): void {
    const message = new TextEncoder().encode(text).subarray(0, maxReasonBytes);
    const payload = new Uint8Array(6 + message.length);
    new DataView(payload.buffer).setUint32(0, this.#table.lastRemote);
    new DataView(payload.buffer).setUint16(4, code);
    payload.set(message, 6);
    this.#out.encoder.frame(FrameType.goAway, flags, 0, payload);
    this.#out.schedule();
  }

  #reason(): PluginError {
    return this.#error ?? new PluginError(ErrorCode.closed, `the session is closed (${this.#link.name})`);
  }

  #loseStreams(): void {
    // Those in line for their first frame have no number yet, and stand in no table.
    const unnumbered = [...this.#table.takeWaiting(), ...this.#out.takeInLine().filter((stream) => stream.id === 0)];
    for (const stream of unnumbered) this.#lose(stream);
    for (const stream of this.#table.all()) this.#lose(stream);
  }

  #lose(stream: MuxStream, execution: Execution = !stream.local || stream.mayHaveRun ? "unknown" : "none"): void {
    this.#table.leave(stream);
    stream.lose(this.#reason().with({ execution }));
  }
}

function peerError(goAway: GoAway): PluginError {
  const code = goAway.code === CloseCode.authentication ? ErrorCode.authentication : ErrorCode.closed;
  return new PluginError(code, `the peer ended the session: ${goAway.text || `code ${goAway.code}`}`);
}
