import type { Duplex, Readable, Writable } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type Link, type LinkHandler, lastWordsMs, writeBufferBytes } from "../transport/link.ts";
import { Inlet } from "./_inlet.ts";
import { linkError } from "./_system_errors.ts";

/**
 * A link over a socket, or over a pair of pipes. The callbacks are wrapped by hand: Web Streams of the runtimes
 * close wrongly in places and cost a quarter to a half in bulk.
 */
export class StreamLink implements Link {
  readonly name: string;
  readonly binding: Uint8Array | undefined;
  readonly #inlet: Inlet;
  readonly #readable: Readable;
  readonly #writable: Writable;
  #handler: LinkHandler | undefined;
  #error: unknown;
  /** Whether `write` still sends. */
  #sending = true;
  #readClosed = false;
  #writeClosed = false;
  #blocked = false;
  #destroyed = false;
  #closedTold = false;
  #lastWords: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, readable: Readable | Duplex, writable: Writable | Duplex, binding?: Uint8Array) {
    this.name = name;
    this.binding = binding;
    this.#readable = readable;
    this.#writable = writable;
    this.#inlet = new Inlet(readable);
    writable.on("drain", () => this.#drained());
    readable.on("error", (error) => this.#fail(error));
    readable.on("close", () => {
      this.#readClosed = true;
      this.#settle();
    });
    if ((readable as unknown) === writable) {
      this.#writeClosed = true;
      return;
    }
    // Half a socket that stands for a pipe does not always close by itself at its end.
    readable.on("end", () => readable.destroy());
    writable.on("error", (error) => this.#sendFailed(error));
    writable.on("close", () => {
      this.#sending = false;
      this.#writeClosed = true;
      this.#settle();
    });
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    this.#inlet.start({ bytes: (chunk) => handler.bytes(chunk), end: () => this.#ended(handler) });
    queueMicrotask(() => this.#settle());
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#sending) return true;
    this.#writable.write(bytes);
    // One turn of 64 KiB waits at a time: of more the stream would make one write, which the system takes in dearer pieces.
    if (this.#writable.writableLength < writeBufferBytes) return true;
    this.#blocked = true;
    return false;
  }

  get hasTaken(): boolean {
    return this.#writable.writableLength === 0;
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#writable.end();
  }

  destroy(reason?: unknown): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#sending = false;
    if (reason !== undefined) this.#error ??= PluginError.from(reason, ErrorCode.transport);
    this.#inlet.destroy();
    this.#writable.destroy();
    queueMicrotask(() => this.#settle());
  }

  pause(): void {
    this.#inlet.pause();
  }

  resume(): void {
    this.#inlet.resume();
  }

  #drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (this.#sending) this.#handler?.drain();
  }

  #fail(thrown: unknown): void {
    this.#sending = false;
    if (!this.#destroyed) this.#error ??= linkError(this.name, thrown);
  }

  #sendFailed(thrown: unknown): void {
    this.#fail(thrown);
    this.#writable.destroy();
    this.#lastWords ??= setTimeout(() => this.destroy(), lastWordsMs);
  }

  #ended(handler: LinkHandler): void {
    // A stream that broke off has closed, but its peer has not said that it was at its end.
    if (this.#readable.readableEnded) handler.end();
    this.#settle();
  }

  #settle(): void {
    if (this.#closedTold || this.#handler === undefined) return;
    if (!this.#readClosed || !this.#writeClosed || !this.#inlet.done) return;
    this.#closedTold = true;
    this.#sending = false;
    clearTimeout(this.#lastWords);
    this.#handler.closed(this.#error);
  }
}
