import { ErrorCode, PluginError } from "../errors/mod.ts";
import { ByteQueue } from "./_byte_queue.ts";
import { soon } from "./_turns.ts";
import { type Link, type LinkHandler, writeBufferBytes } from "./link.ts";

/** What {@linkcode linkFromPort} needs of a `MessagePort`. */
export interface Port {
  /** Sends a value to the other port of the channel. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Takes what comes from there. */
  onmessage: ((event: MessageEvent) => void) | null;
  /** Hears of the other port's end, where the runtime tells of it. */
  addEventListener(type: "close", listener: () => void): void;
  /** Ends the channel. */
  close(): void;
}

/** What crosses beside bytes (a `Uint8Array`) and how many of the other's have been taken (a number). */
const Word = { end: "end", gone: "gone" } as const;

/** The other side is told what was taken in steps of this many bytes: each costs a message. */
const toldBytes = writeBufferBytes / 2;
/** From here on bytes are moved to the other thread; below, a second copy costs less than that. */
const movedBytes = 4_096;

/**
 * Gives a `MessagePort` as a link, with back-pressure, which ports have not: each side tells how much it has taken. The other
 * port of the channel has to be made a link by the same function, in this thread or in another.
 *
 * A port says nothing of its thread's death on every runtime: who knows of it destroys the link.
 *
 * @param port The port. It is used by nobody else from then on.
 * @param name For error messages. Default `message port`.
 *
 * @example
 * ```ts
 * import { linkFromPort } from "@plugwire/plugwire/transport";
 * const { port1, port2 } = new MessageChannel();
 * const [left, right] = [linkFromPort(port1), linkFromPort(port2)];
 * right.start({
 *   bytes: (chunk) => console.log(chunk), // Uint8Array(3) [ 1, 2, 3 ]
 *   end: () => right.end(),
 *   drain: () => {},
 *   closed: () => {},
 * });
 * left.start({ bytes: () => {}, end: () => {}, drain: () => {}, closed: () => {} });
 * left.write(new Uint8Array([1, 2, 3]));
 * left.end();
 * ```
 */
export function linkFromPort(port: Port, name = "message port"): Link {
  return new PortLink(port, name);
}

class PortLink implements Link {
  readonly name: string;
  /** What is written is copied before it crosses. */
  readonly hasTaken = true;
  readonly #port: Port;
  readonly #inbox = new ByteQueue();
  #handler: LinkHandler | undefined;
  #paused = false;
  #scheduled = false;
  /** Whether `write` still sends. */
  #sending = true;
  /** Bytes that the other side has not said it took. */
  #untaken = 0;
  /** A write gave `false`, and its drain is owed. */
  #blocked = false;
  /** Bytes that were delivered and that the other side was not told of. */
  #untold = 0;
  #peerEnded = false;
  #endTold = false;
  /** Over, once what came before is delivered. */
  #over: { readonly error: unknown } | undefined;
  #closedTold = false;
  readonly #run = (): void => this.#deliver();

  constructor(port: Port, name: string) {
    this.name = name;
    this.#port = port;
    port.onmessage = ({ data }) => this.#take(data);
    port.addEventListener("close", () => this.#peerIsGone());
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    this.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#sending || bytes.length === 0) return true;
    const { length } = bytes;
    const copy = bytes.slice();
    this.#port.postMessage(copy, length < movedBytes ? [] : [copy.buffer]);
    this.#untaken += length;
    if (this.#untaken <= writeBufferBytes) return true;
    this.#blocked = true;
    return false;
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#port.postMessage(Word.end, []);
    this.#schedule();
  }

  destroy(reason?: unknown): void {
    if (this.#over !== undefined) return;
    this.#port.postMessage(Word.gone, []);
    this.#inbox.clear();
    this.#finish(reason === undefined ? undefined : PluginError.from(reason, ErrorCode.transport));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  #take(message: unknown): void {
    if (this.#over !== undefined) return;
    if (message instanceof Uint8Array) {
      if (message.length > 0) this.#inbox.push(message);
    } else if (typeof message === "number") {
      this.#untaken -= message;
    } else if (message === Word.end) {
      this.#peerEnded = true;
    } else if (message === Word.gone) {
      return this.#peerIsGone();
    } else {
      return this.destroy(
        new PluginError(ErrorCode.transport, `link ${this.name} met a message that is none of a link`),
      );
    }
    if (this.#handler !== undefined && !this.#scheduled) this.#deliver();
  }

  #peerIsGone(): void {
    if (this.#over !== undefined) return;
    this.#finish(new PluginError(ErrorCode.transport, `link ${this.name} was closed by the other side`));
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
    while (this.#inbox.length > 0 && !this.#paused) this.#hand(handler, this.#inbox.shift()!);
    if (this.#over !== undefined) return this.#tellClosed(handler);
    if (this.#blocked && this.#untaken <= writeBufferBytes) {
      this.#blocked = false;
      if (this.#sending) handler.drain();
    }
    if (this.#paused || this.#inbox.length > 0 || !this.#peerEnded) return;
    if (!this.#endTold) {
      this.#endTold = true;
      handler.end();
    }
    if (!this.#sending && this.#over === undefined) this.#finish(undefined);
  }

  #hand(handler: LinkHandler, bytes: Uint8Array): void {
    this.#untold += bytes.length;
    handler.bytes(bytes);
    if (this.#untold < toldBytes || this.#over !== undefined) return;
    this.#port.postMessage(this.#untold, []);
    this.#untold = 0;
  }

  #finish(error: unknown): void {
    this.#over = { error };
    this.#sending = false;
    this.#port.close();
    this.#schedule();
  }

  #tellClosed(handler: LinkHandler): void {
    // What came before the other side's end is still good.
    if (this.#inbox.length > 0) return;
    this.#closedTold = true;
    handler.closed(this.#over?.error);
  }
}
