import { ErrorCode, PluginError } from "../errors/mod.ts";
import { bytesOf } from "./_chunk.ts";
import type { Duplex } from "./duplex.ts";
import { type Link, type LinkHandler, writeBufferBytes } from "./link.ts";

/**
 * Gives a link as a pair of Web Streams. The link must not have been started; it is used by nobody else from
 * then on.
 *
 * `readable` holds at most 64 KiB that nobody has read, and pauses the link past that. Chunks written to `writable`
 * are copied, because a writer may use its buffer again once its write has settled; a write settles when the
 * link wants more.
 *
 * Closing `writable` ends that direction and no more. Aborting it destroys the link. `readable.cancel()` without a
 * reason throws away what still arrives and leaves `writable` as it is; with a reason it destroys the link.
 *
 * @param link The link.
 * @returns The two streams. When the link breaks, both fail with the link's error.
 *
 * @example
 * ```ts
 * import { duplexFromLink, memoryLinks } from "@plugwire/plugwire/transport";
 * const [left, right] = memoryLinks();
 * const { readable, writable } = duplexFromLink(left);
 * await readable.pipeTo(writable); // an echo, as soon as `right` is used
 * console.log(right.name);
 * ```
 */
export function duplexFromLink(link: Link): Duplex {
  const adapter = new LinkDuplex(link);
  link.start(adapter);
  return adapter;
}

class LinkDuplex implements Duplex, LinkHandler {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #link: Link;
  /** While `readable` takes chunks. */
  #input: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** While `writable` is open. */
  #output: WritableStreamDefaultController | undefined;
  #paused = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #closedWith: { readonly error: unknown } | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#input = controller;
        },
        pull: () => this.#resume(),
        cancel: (reason) => this.#cancel(reason),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: writeBufferBytes }),
    );
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#output = controller;
        // The sink's own abort waits for the write under way, which may wait for a peer that never reads.
        controller.signal.addEventListener("abort", () => this.#abort(controller.signal.reason), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: () => {
        this.#output = undefined;
        link.end();
      },
    });
  }

  bytes(chunk: Uint8Array): void {
    if (this.#input === undefined) return;
    this.#input.enqueue(chunk);
    if ((this.#input.desiredSize ?? 0) > 0) return;
    this.#paused = true;
    this.#link.pause();
  }

  end(): void {
    this.#input?.close();
    this.#input = undefined;
  }

  drain(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  closed(error?: unknown): void {
    const reason = error ?? new PluginError(ErrorCode.closed, `link ${this.#link.name} is closed`);
    this.#closedWith = { error: reason };
    this.#input?.error(reason);
    this.#input = undefined;
    this.#output?.error(reason);
    this.#output = undefined;
    this.#drained?.reject(reason);
    this.#drained = undefined;
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#link.resume();
  }

  #cancel(reason: unknown): void {
    this.#input = undefined;
    if (reason === undefined) this.#resume();
    else this.#link.destroy(reason);
  }

  #abort(reason: unknown): void {
    this.#output = undefined;
    this.#link.destroy(reason ?? new PluginError(ErrorCode.closed, `writing to link ${this.#link.name} was aborted`));
  }

  #write(chunk: unknown): Promise<void> | undefined {
    if (this.#closedWith !== undefined) throw this.#closedWith.error;
    let bytes: Uint8Array;
    try {
      bytes = bytesOf(chunk, `the writer of link ${this.#link.name}`).slice();
    } catch (error) {
      // The stream is broken from here on and can no longer end in good order.
      this.#link.destroy(error);
      throw error;
    }
    if (this.#link.write(bytes)) return undefined;
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }
}
