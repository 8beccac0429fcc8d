import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type MuxStream, ResetCode } from "../mux/mod.ts";
import { forgetSource, isReadableStream, openInput, type StreamInput, sentBefore } from "./stream_input.ts";
import { type PumpMode, StreamPump } from "./stream_pump.ts";
import type { OutgoingStreamTies } from "./stream_ties.ts";

/** A stream of this side that the peer may read, once. */
export class StreamSource {
  readonly #source: ReadableStream<unknown> | AsyncIterable<unknown>;
  readonly #mode: PumpMode;
  readonly #ties: OutgoingStreamTies;
  #isUsed = false;

  /** @param mode How it is sent; of what is iterated, `auto` sends values. */
  constructor(source: ReadableStream<unknown> | AsyncIterable<unknown>, mode: PumpMode, ties: OutgoingStreamTies) {
    this.#source = source;
    this.#mode = mode === "auto" && !isReadableStream(source) ? "values" : mode;
    this.#ties = ties;
  }

  /** The peer begins to read it. @param stream What the peer opened for that. */
  open(stream: MuxStream): void {
    if (this.#isUsed) return stream.reset(ResetCode.refused);
    this.#isUsed = true;
    let input: StreamInput;
    const before = sentBefore(this.#source);
    if (before !== undefined) {
      this.#ties.over();
      return stream.abort(ResetCode.internal, this.#unreadable(before));
    }
    try {
      input = this.#ties.run(() => openInput(this.#source, () => this.#ties.heedsSignal));
    } catch (error) {
      this.#ties.over();
      return stream.abort(ResetCode.internal, this.#cannotOpen(error));
    }
    const pump = new StreamPump(stream, input, this.#mode, this.#ties);
    stream.handler = pump;
    pump.start();
  }

  /**
   * The peer has no more use for it.
   *
   * @param isOwned It belonged to the peer, as part of a result or of an item; what was only lent stays as it is.
   */
  released(isOwned: boolean): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#ties.over();
    if (!isOwned) return;
    const reason = new PluginError(ErrorCode.cancelled, `${this.#ties.name} was let go of by the other side unread`);
    this.#ties.abandoned(reason);
    try {
      const forgotten = this.#ties.run(() => forgetSource(this.#source, reason));
      // Nobody waits for it.
      Promise.resolve(forgotten).catch(() => {});
    } catch {
      // The same.
    }
  }

  #cannotOpen(error: unknown): Uint8Array {
    if (!isReadableStream(this.#source) || !this.#source.locked) return this.#ties.encodeReason(error);
    return this.#unreadable("it is locked, somebody on its own side reads it");
  }

  #unreadable(why: string): Uint8Array {
    const text = `${this.#ties.name} cannot be read: ${why}`;
    return this.#ties.encodeFailure(new PluginError(ErrorCode.unsupportedValue, text));
  }
}
