import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ByteQueue } from "./_byte_queue.ts";
import { soon } from "./_turns.ts";
import { type Link, type LinkHandler, writeBufferBytes } from "./link.ts";

/**
 * Makes two links that are joined in memory: what one writes, the other delivers. Bytes are handed over and
 * not copied. Delivery is never inside a call of the writer, and the event loop goes on beside it.
 *
 * @param name Name of both, for error messages. Default `memory`.
 * @returns The two ends.
 *
 * @example
 * ```ts
 * import { memoryLinks } from "@plugwire/plugwire/transport";
 * const [left, right] = memoryLinks();
 * right.start({
 *   bytes: (chunk) => console.log(chunk), // Uint8Array(3) [ 1, 2, 3 ]
 *   end: () => right.end(),
 *   drain: () => {},
 *   closed: () => {},
 * });
 * left.write(new Uint8Array([1, 2, 3]));
 * left.end();
 * ```
 */
export function memoryLinks(name = "memory"): [Link, Link] {
  return MemoryLink.pair(name);
}

class MemoryLink implements Link {
  readonly name: string;
  #peer: MemoryLink = this;
  #handler: LinkHandler | undefined;
  /** What the peer wrote and this side has not delivered. */
  readonly #inbox = new ByteQueue();
  /** Whether `write` still sends. */
  #sending = true;
  /** A write gave `false`, and its drain is owed. */
  #blocked = false;
  #paused = false;
  #endTold = false;
  #over = false;
  #closedTold = false;
  #error: unknown;
  #scheduled = false;
  readonly #run = (): void => this.#deliver();

  static pair(name: string): [MemoryLink, MemoryLink] {
    const left = new MemoryLink(name);
    const right = new MemoryLink(name);
    left.#peer = right;
    right.#peer = left;
    return [left, right];
  }

  constructor(name: string) {
    this.name = name;
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    this.#schedule();
    // The peer may have taken everything before there was anybody to tell it to.
    if (this.#blocked) this.#peer.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#sending) return true;
    const inbox = this.#peer.#inbox;
    if (bytes.length > 0) {
      inbox.push(bytes);
      this.#peer.#schedule();
    }
    if (inbox.bytes <= writeBufferBytes) return true;
    this.#blocked = true;
    return false;
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#peer.#schedule();
  }

  destroy(reason?: unknown): void {
    if (this.#over) return;
    const error = reason === undefined ? undefined : PluginError.from(reason, ErrorCode.transport);
    this.#finish(error);
    const message = `link ${this.name} was closed by the other side${error === undefined ? "" : `: ${error.message}`}`;
    this.#peer.#finish(new PluginError(ErrorCode.transport, message, { cause: error }));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#handler === undefined) return;
    this.#scheduled = true;
    soon(this.#run);
  }

  #deliver(): void {
    this.#scheduled = false;
    const handler = this.#handler;
    if (handler === undefined || this.#closedTold) return;
    // Only what is here now: what the handler's answers bring about waits for the next turn.
    for (let left = this.#inbox.length; left > 0 && !this.#paused && !this.#over; left--) {
      handler.bytes(this.#inbox.shift()!);
    }
    if (this.#inbox.length === 0) this.#peer.#drained();
    if (this.#over) return this.#tellClosed(handler);
    if (this.#paused) return;
    if (this.#inbox.length > 0) return this.#schedule();
    if (this.#peer.#sending || this.#endTold) return;
    this.#endTold = true;
    handler.end();
    if (!this.#peer.#endTold || this.#over) return;
    this.#finish(undefined);
    this.#peer.#finish(undefined);
  }

  #drained(): void {
    if (!this.#blocked || this.#handler === undefined) return;
    this.#blocked = false;
    if (this.#sending) this.#handler.drain();
  }

  #finish(error: unknown): void {
    this.#over = true;
    this.#sending = false;
    this.#error = error;
    this.#inbox.clear();
    this.#schedule();
  }

  #tellClosed(handler: LinkHandler): void {
    this.#closedTold = true;
    handler.closed(this.#error);
  }
}
