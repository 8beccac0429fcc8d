import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ByteQueue } from "./_byte_queue.ts";
import { bytesOf } from "./_chunk.ts";
import { nextTurn, soon } from "./_turns.ts";
import type { Duplex } from "./duplex.ts";
import { type Link, type LinkHandler, lastWordsMs, writeBufferBytes } from "./link.ts";

/** Reads in a row before timers and sockets get a turn: a stream that always has more never lets go by itself. */
const readsPerTurn = 64;

const ignore = (): void => {};

/**
 * Makes a link of any pair of Web Streams that carries bytes, such as a WebSocketStream, a serial port, or a
 * `TransformStream` each way. The link locks both streams.
 *
 * Chunks of `readable` may be any `ArrayBufferView` or an `ArrayBuffer`. They are handed on without a copy (unless
 * their memory is shared or resizable), so the source must not write into a chunk that it has enqueued. What is
 * written within one turn leaves as one chunk of up to 64 KiB, as far as `writable` wants more.
 *
 * `end` closes `writable`; `destroy` aborts it and cancels `readable`. When either breaks, so does the link, with
 * code `transport`; the same for a chunk that is not bytes.
 *
 * @param duplex The two streams.
 * @param name What it is, for error messages. Default `duplex`.
 * @returns The link.
 * @throws TypeError when one of the streams is locked.
 *
 * @example
 * ```ts
 * import { linkFromDuplex } from "@plugwire/plugwire/transport";
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
 * const echo = linkFromDuplex({ readable, writable }, "echo");
 * echo.write(new Uint8Array([1]));
 * ```
 */
export function linkFromDuplex(duplex: Duplex, name = "duplex"): Link {
  return new DuplexLink(duplex, name);
}

class DuplexLink implements Link {
  readonly name: string;
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #handler: LinkHandler | undefined;
  readonly #queue = new ByteQueue();
  /** Given to the writer, which has not said yet that they are gone. */
  #inFlightBytes = 0;
  #flushing = false;
  /** Whether `write` still sends. */
  #sending = true;
  /** A write gave `false`, and its drain is owed. */
  #blocked = false;
  #paused: PromiseWithResolvers<void> | undefined;
  #readDone = false;
  #writeDone = false;
  #over = false;
  #error: unknown;
  #lastWords: ReturnType<typeof setTimeout> | undefined;

  constructor(duplex: Duplex, name: string) {
    this.name = name;
    this.#reader = duplex.readable.getReader();
    try {
      this.#writer = duplex.writable.getWriter();
    } catch (error) {
      this.#reader.releaseLock();
      throw error;
    }
    // An idle link must hear of it too.
    this.#writer.closed.catch((error: unknown) => this.#sendFailed(error));
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    soon(() => {
      if (this.#over) return handler.closed(this.#error);
      this.#drained();
      void this.#readAll(handler);
    });
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#sending) return true;
    if (bytes.length > 0) {
      this.#queue.push(bytes);
      this.#flush();
    }
    if (this.#queue.bytes + this.#inFlightBytes <= writeBufferBytes) return true;
    this.#blocked = true;
    return false;
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#flush();
  }

  destroy(reason?: unknown): void {
    this.#finish(reason === undefined ? undefined : PluginError.from(reason, ErrorCode.transport));
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  async #readAll(handler: LinkHandler): Promise<void> {
    try {
      for (let reads = 1; ; reads++) {
        if (this.#paused !== undefined) await this.#unpaused();
        if (this.#over) return;
        const { done, value } = await this.#reader.read();
        if (this.#paused !== undefined) await this.#unpaused();
        if (this.#over) return;
        if (done) break;
        const bytes = bytesOf(value, this.name);
        if (bytes.length > 0) handler.bytes(bytes);
        if (reads % readsPerTurn === 0) await nextTurn();
      }
    } catch (error) {
      this.#finish(this.#broken("reading", error));
      return;
    }
    this.#readDone = true;
    handler.end();
    this.#settle();
  }

  async #unpaused(): Promise<void> {
    while (this.#paused !== undefined) await this.#paused.promise;
  }

  #flush(): void {
    if (this.#flushing || this.#over) return;
    this.#flushing = true;
    soon(() => {
      this.#flushAll().then(ignore, (error: unknown) => this.#sendFailed(error));
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#queue.length > 0) {
      if ((this.#writer.desiredSize ?? 0) <= 0) await this.#writer.ready;
      const chunk = this.#queue.shiftTogether(writeBufferBytes);
      if (this.#over || chunk === undefined) return;
      this.#inFlightBytes += chunk.length;
      const size = chunk.length;
      this.#writer.write(chunk).then(
        () => this.#taken(size),
        (error: unknown) => this.#sendFailed(error),
      );
    }
    this.#flushing = false;
    if (this.#sending || this.#over) return;
    this.#flushing = true;
    await this.#writer.close();
    this.#writeDone = true;
    this.#settle();
  }

  #taken(bytes: number): void {
    this.#inFlightBytes -= bytes;
    this.#drained();
  }

  #drained(): void {
    if (!this.#blocked || this.#handler === undefined || this.#queue.bytes + this.#inFlightBytes > 0) return;
    this.#blocked = false;
    if (this.#sending) this.#handler.drain();
  }

  #settle(): void {
    if (this.#readDone && this.#writeDone) this.#finish(undefined);
  }

  /** The writing half broke: what the other side sent before is still delivered, if it ends soon. */
  #sendFailed(error: unknown): void {
    if (this.#over || this.#lastWords !== undefined) return;
    this.#sending = false;
    this.#writeDone = true;
    this.#queue.clear();
    this.#error ??= this.#broken("writing", error);
    this.#lastWords = setTimeout(() => this.#finish(undefined), lastWordsMs);
    this.#settle();
  }

  #broken(action: string, thrown: unknown): PluginError {
    if (thrown instanceof PluginError) return thrown;
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    return new PluginError(ErrorCode.transport, `${action} ${this.name} failed: ${said}`, { cause: thrown });
  }

  #finish(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#sending = false;
    this.#error ??= error;
    clearTimeout(this.#lastWords);
    this.#queue.clear();
    this.resume();
    const reason = this.#error ?? new PluginError(ErrorCode.closed, `link ${this.name} was closed`);
    // On streams that have ended both do nothing. Neither is waited for: a stream may take its time, or for ever.
    this.#reader.cancel(reason).catch(ignore);
    this.#writer.abort(reason).catch(ignore);
    const handler = this.#handler;
    if (handler !== undefined) soon(() => handler.closed(this.#error));
  }
}
