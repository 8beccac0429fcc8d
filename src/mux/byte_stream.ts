import { ErrorCode, PluginError } from "../errors/mod.ts";
import { Ring } from "../transport/ring.ts";
import { ResetCode } from "./codes.ts";
import { resetCodeOf, resetError } from "./reset_error.ts";
import type { MuxStream } from "./stream.ts";
import type { StreamHandler, StreamReset } from "./stream_handler.ts";

/** Options of {@linkcode ByteStream}. */
export interface ByteStreamOptions {
  /** Credit of the half that is read, from the first read, in bytes. */
  readonly windowBytes: number;
  /** Makes the error of a reset that came. Default {@linkcode resetError}, which does not look at the reason. */
  readonly decodeReset?: (reset: StreamReset, what: string) => unknown;
  /** Makes the reset of what `cancel` or `abort` was given. Default a code and no reason. */
  readonly encodeReset?: (reason: unknown) => StreamReset;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

const noReason = new Uint8Array(0);
const plainReset = (reason: unknown): StreamReset => ({ code: resetCodeOf(reason), reason: noReason });
const oneChunk: QueuingStrategy<Uint8Array> = { highWaterMark: 1 };
const nothingAhead: QueuingStrategy<Uint8Array> = { highWaterMark: 0 };

/**
 * A stream of the mux as Web Streams. Both are made on first access.
 *
 * Reading: credit is granted as chunks are pulled, so that at most the window is ever held. The stream errors
 * when the peer aborts or the session ends; `cancel` asks the peer to stop. Chunks may be views of larger buffers.
 *
 * Writing: a write settles when its bytes were copied out, so a chunk may be used again after it. `close` settles
 * when the end was written. When the peer stops reading, the stream errors.
 *
 * @example
 * ```ts
 * import { defaultLimits } from "../wire/mod.ts";
 * import { ByteStream } from "./byte_stream.ts";
 * import type { Session } from "./session.ts";
 * async function copy(session: Session, source: ReadableStream<Uint8Array>): Promise<void> {
 *   const { windowBytes } = defaultLimits;
 *   const stream = new ByteStream((handler) => session.open(handler), { windowBytes });
 *   await source.pipeTo(stream.writable);
 * }
 * ```
 */
export class ByteStream implements StreamHandler {
  /** The stream underneath. */
  readonly stream: MuxStream;
  readonly #windowBytes: number;
  readonly #decodeReset: (reset: StreamReset, what: string) => unknown;
  readonly #encodeReset: (reason: unknown) => StreamReset;

  #readable: ReadableStream<Uint8Array> | undefined;
  #reader: Controller | undefined;
  readonly #unread: Ring<Uint8Array> = new Ring();
  /** A read waits for the next chunk. */
  #isWanted = false;
  #reading: "open" | "ended" | "failed" | "cancelled" = "open";
  #readError: unknown;

  #writable: WritableStream<Uint8Array> | undefined;
  #writer: WritableStreamDefaultController | undefined;
  #written: PromiseWithResolvers<void> | undefined;
  #writeError: { readonly error: unknown } | undefined;

  /**
   * @param attach A stream that the peer opened, or what opens one for the handler it is given.
   * @param options Window, and how reasons cross.
   */
  constructor(attach: MuxStream | ((handler: StreamHandler) => MuxStream), options: ByteStreamOptions) {
    this.#windowBytes = options.windowBytes;
    this.#decodeReset = options.decodeReset ?? resetError;
    this.#encodeReset = options.encodeReset ?? plainReset;
    this.stream = typeof attach === "function" ? attach(this) : attach;
  }

  /** What the peer sends. */
  get readable(): ReadableStream<Uint8Array> {
    this.#readable ??= new ReadableStream<Uint8Array>(
      {
        start: (controller) => this.#startReading(controller),
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => this.#cancel(reason),
      },
      nothingAhead,
    );
    return this.#readable;
  }

  /** What the peer reads. */
  get writable(): WritableStream<Uint8Array> {
    this.#writable ??= new WritableStream<Uint8Array>(
      {
        start: (controller) => this.#startWriting(controller),
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => this.#abort(reason),
      },
      oneChunk,
    );
    return this.#writable;
  }

  // StreamHandler

  bytes(chunk: Uint8Array): void {
    if (this.#reading === "cancelled") return;
    if (!this.#isWanted) {
      this.#unread.push(chunk);
      return;
    }
    this.#isWanted = false;
    this.#reader?.enqueue(chunk);
    this.stream.consumed(chunk.length);
  }

  ended(): void {
    if (this.#reading !== "open") return;
    this.#reading = "ended";
    if (this.#unread.length === 0) this.#reader?.close();
  }

  aborted(reset: StreamReset): void {
    this.#failReading(this.#decodeReset(reset, "the other side gave up this stream"));
  }

  stopped(reset: StreamReset): boolean {
    this.#failWriting(this.#decodeReset(reset, "the other side stopped reading this stream"));
    return false;
  }

  drained(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.resolve();
  }

  lost(error: PluginError): void {
    this.#failReading(error);
    this.#failWriting(error);
  }

  message(): void {
    this.#failKind();
  }

  tooLarge(): void {
    this.#failKind();
  }

  // Reading

  #startReading(controller: Controller): void {
    this.#reader = controller;
    if (this.#reading === "failed") controller.error(this.#readError);
    else if (this.#reading === "ended" && this.#unread.length === 0) controller.close();
  }

  #pull(controller: Controller): void {
    this.stream.widen(this.#windowBytes);
    const chunk = this.#unread.shift();
    if (chunk === undefined) {
      this.#isWanted = true;
      return;
    }
    controller.enqueue(chunk);
    this.stream.consumed(chunk.length);
    if (this.#reading === "ended" && this.#unread.length === 0) controller.close();
  }

  #cancel(reason: unknown): void {
    const wasOpen = this.#reading === "open";
    this.#reading = "cancelled";
    this.#unread.clear();
    if (!wasOpen) return;
    const reset = this.#encodeReset(reason);
    this.stream.stop(reset.code, reset.reason);
  }

  #failReading(error: unknown): void {
    if (this.#reading !== "open") return;
    this.#reading = "failed";
    this.#readError = error;
    this.#unread.clear();
    this.#reader?.error(error);
  }

  #failKind(): void {
    this.#failReading(new PluginError(ErrorCode.badMessage, "the other side sent a message where bytes belong"));
    this.stream.stop(ResetCode.internal);
  }

  // Writing

  #startWriting(controller: WritableStreamDefaultController): void {
    this.#writer = controller;
    // The stream calls `abort` only after the write under way has settled, and that may wait for a peer that never reads.
    const { signal } = controller;
    signal.addEventListener("abort", () => this.#abort(signal.reason), { once: true });
    if (this.#writeError !== undefined) controller.error(this.#writeError.error);
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    if (!(chunk instanceof Uint8Array)) {
      this.stream.abort(ResetCode.internal);
      throw new TypeError(
        `cannot write ${chunk === null ? "null" : typeof chunk} to a byte stream: it takes Uint8Array`,
      );
    }
    if (chunk.length === 0) return undefined;
    if (!this.stream.canSend)
      throw this.#writeError?.error ?? new PluginError(ErrorCode.closed, "this stream has ended");
    this.stream.sendBytes(chunk);
    return this.#whenWritten();
  }

  #close(): Promise<void> | undefined {
    this.stream.endBytes();
    return this.#whenWritten();
  }

  #abort(reason: unknown): void {
    const reset = this.#encodeReset(reason);
    const wasOpened = this.stream.id !== 0;
    this.stream.abort(reset.code, reset.reason);
    // The peer never heard of a stream that ends before its first frame, so nobody else will end the other half.
    if (!wasOpened) this.#failReading(reason ?? resetError(reset, "this stream was given up before it began"));
    this.#settleWriting(reason);
  }

  #whenWritten(): Promise<void> | undefined {
    if (this.#writeError !== undefined) throw this.#writeError.error;
    if (this.stream.isSent) return undefined;
    this.#written = Promise.withResolvers();
    return this.#written.promise;
  }

  #failWriting(error: unknown): void {
    if (this.#writeError !== undefined) return;
    this.#writer?.error(error);
    this.#settleWriting(error);
  }

  #settleWriting(error: unknown): void {
    this.#writeError ??= { error };
    const written = this.#written;
    this.#written = undefined;
    written?.reject(error);
  }
}
