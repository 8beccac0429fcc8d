import type { Execution, PluginError } from "../errors/mod.ts";
import { Flag, FrameType, initialWindowBytes, maxReasonBytes } from "../wire/mod.ts";
import { Crowding } from "./_crowding.ts";
import type { Outbound } from "./_outbound.ts";
import type { StreamTable } from "./_stream_table.ts";
import { Traffic } from "./_traffic.ts";
import type { Admission } from "./admission.ts";
import { ResetCode } from "./codes.ts";
import type { SessionOptions } from "./session_handler.ts";
import { MuxStream } from "./stream.ts";
import type { StreamHandler, StreamPort } from "./stream_handler.ts";

/** Payload of one stream's turn, in bytes, when others wait for theirs. One that is alone sends twice as much in a frame. */
const defaultTurnBytes = 32_768;

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

/** What the streams need of the session around them. */
export interface StreamsOwner {
  /** The hello is done and the end has not begun: streams may be opened. */
  readonly isOpen: boolean;
  readonly isClosing: boolean;
  /** Gives what handles a stream of the peer; `undefined` refuses it. */
  opened(stream: MuxStream): StreamHandler | undefined;
  streamOver(): void;
  /** A frame was written. @param mayWait More is to come in this turn. */
  written(mayWait?: boolean): void;
  /** Why the session is over. */
  reason(): PluginError;
}

/** All streams of a session on their way to the wire: who may open, who has a turn, and the frames they write. */
export class Streams implements StreamPort {
  readonly maxMessageBytes: number;
  readonly traffic: Traffic = new Traffic();
  readonly #windowBytes: number;
  readonly #sharedTurnBytes: number;
  readonly #table: StreamTable;
  readonly #out: Outbound;
  readonly #owner: StreamsOwner;
  readonly #crowding: Crowding;
  #replyBytes = 0;

  constructor(options: SessionOptions, table: StreamTable, out: Outbound, owner: StreamsOwner) {
    this.maxMessageBytes = options.limits.maxMessageBytes;
    this.#windowBytes = options.initialWindowBytes ?? initialWindowBytes;
    this.#sharedTurnBytes = options.turnBytes ?? defaultTurnBytes;
    this.#table = table;
    this.#out = out;
    this.#owner = owner;
    const { scheduler, handler } = options;
    this.#crowding = new Crowding(
      scheduler,
      () => !table.hasRoom,
      () => handler.crowded?.(),
    );
  }

  /** Bytes of replies that wait for the peer to read. */
  get replyBytes(): number {
    return this.#replyBytes;
  }

  /** A stream of this side. Nothing is sent before its first frame. */
  open(handler: StreamHandler): MuxStream {
    return new MuxStream(this, handler, true, this.#windowBytes);
  }

  /** Takes in a stream that the peer opens. @throws StreamFault for an id that cannot be. */
  accept(streamId: number): MuxStream {
    const stream = new MuxStream(this, refused, false, this.#windowBytes);
    const hasRoom = this.#table.accept(stream, streamId);
    const handler = hasRoom ? this.#owner.opened(stream) : undefined;
    if (handler === undefined) {
      stream.reset(ResetCode.refused);
      return stream;
    }
    stream.handler = handler;
    // Closed from inside `opened`, when there was no handler yet to be told.
    if (this.#owner.isClosing) handler.lost(this.#owner.reason().with({ execution: "none" }));
    return stream;
  }

  /** Ends all of them: the session is over. */
  loseAll(): void {
    this.#crowding.end();
    // Those in line for their first frame have no number yet, and stand in no table.
    const unnumbered = [...this.#table.takeWaiting(), ...this.#out.takeInLine().filter((stream) => stream.id === 0)];
    for (const stream of unnumbered) this.lose(stream);
    for (const stream of this.#table.all()) this.lose(stream);
  }

  /** Ends one that the peer never took up, or that came too late. */
  lose(stream: MuxStream, execution: Execution = !stream.local || stream.mayHaveRun ? "unknown" : "none"): void {
    this.#table.leave(stream);
    stream.lose(this.#owner.reason().with({ execution }));
  }

  // StreamPort

  get turnBytes(): number {
    return this.#out.isCrowded ? this.#sharedTurnBytes : this.#sharedTurnBytes * 2;
  }

  admission(stream: MuxStream): Admission {
    return this.#table.admission(stream);
  }

  ready(stream: MuxStream): boolean {
    if (!this.#out.isFree || this.#owner.isClosing) return false;
    return stream.id !== 0 || (this.#owner.isOpen && this.#table.hasRoom);
  }

  enqueue(stream: MuxStream): void {
    if (this.#owner.isClosing) return this.lose(stream);
    if (stream.hasPlace) return this.#out.enqueue(stream);
    if (stream.isWaiting) return;
    if (this.#owner.isOpen && this.#table.hasRoom) {
      this.#table.reserve(stream);
      return this.#out.enqueue(stream);
    }
    stream.isWaiting = true;
    this.#table.wait(stream);
    if (this.#owner.isOpen) this.#crowding.waits();
  }

  data(stream: MuxStream, flags: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.frame(FrameType.data, flags | open, stream.id, payload);
    if (open !== 0) stream.opened();
    // Items of a stream come one by one, each after a promise: a write for each few of them would cost more than they do.
    this.#owner.written(stream.isPaced && (flags & Flag.end) === 0);
  }

  firstFragment(stream: MuxStream, flags: number, totalBytes: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.prefixed(FrameType.data, flags | open, stream.id, totalBytes, payload);
    if (open !== 0) stream.opened();
    this.#owner.written();
  }

  bytes(stream: MuxStream, flags: number, payload: Uint8Array): void {
    const open = this.#opening(stream);
    this.#out.encoder.frame(FrameType.bytes, flags | open, stream.id, payload);
    if (open !== 0) stream.opened();
    this.#owner.written();
  }

  credit(stream: MuxStream, bytes: number): void {
    if (this.#owner.isClosing) return;
    this.#out.encoder.frame32(FrameType.credit, 0, stream.id, bytes);
    this.#owner.written();
  }

  reset(stream: MuxStream, flags: number, code: number, reason: Uint8Array): void {
    const kept = reason.length > maxReasonBytes ? noReason : reason;
    const body = new Uint8Array(2 + kept.length);
    body[0] = code >>> 8;
    body[1] = code;
    body.set(kept, 2);
    this.#out.encoder.frame(FrameType.reset, flags, stream.id, body);
    this.#owner.written();
  }

  finished(stream: MuxStream): void {
    this.#table.leave(stream);
    if (stream.local) this.openWaiting();
    this.#owner.streamOver();
  }

  queued(stream: MuxStream, bytes: number): void {
    // Whoever reads a stream slowly may wait for a call meanwhile: what the stream has queued must not hold calls back.
    if (!stream.local && !stream.isPaced) this.#replyBytes += bytes;
  }

  #opening(stream: MuxStream): number {
    if (stream.id !== 0) return 0;
    this.#table.enter(stream);
    return Flag.open;
  }

  /** Opens those that waited, as far as the peer has room. */
  openWaiting(): void {
    if (!this.#owner.isOpen) return;
    for (let next = this.#table.nextWaiting(); next !== undefined; next = this.#table.nextWaiting()) {
      next.isWaiting = false;
      this.#crowding.moved();
      this.#table.reserve(next);
      this.#out.enqueue(next);
    }
  }
}
