import type { Readable } from "node:stream";
import { onNextTurn } from "../transport/next_turn.ts";
import { litterFor } from "./_litter.ts";
import type { ByteSource } from "./runtime.ts";

/** Time that what is read may take in one turn of the event loop, in ms. */
const turnMs = 5;
/**
 * Bytes from which on that time is taken. To hear of each turn costs Node 6 us, which for every read of a byte stream would be a
 * third of its CPU time.
 */
const untimedBytes = 1_048_576;

/** Where an {@linkcode Inlet} puts what it reads. */
export interface InletHandler {
  bytes(chunk: Uint8Array): void;
  end(): void;
}

/**
 * The reading half of a stream of the runtime, as pushes. It listens from the first moment and keeps what comes
 * while nobody takes it: Node resumes the output of a child that exited whether or not somebody reads it
 * (`flushStdio` of its child_process), and such bytes would be lost.
 *
 * Who floods does not keep the event loop: Bun goes on reading a pipe as long as there is more in it (100 MB in a row
 * were seen), and no timer of the host runs meanwhile. After 5 ms the rest waits for the next turn.
 */
export class Inlet implements ByteSource {
  readonly #readable: Readable;
  #handler: InletHandler | undefined;
  #held: Uint8Array[] = [];
  #flowing = false;
  #paused = false;
  #atEnd = false;
  #endTold = false;
  #destroyed = false;
  #turnBytes = 0;
  #turnBeganMs: number | undefined;
  /** The turn's time is used up. */
  #isSpent = false;
  readonly #newTurn: () => void = () => this.#onNewTurn();

  constructor(readable: Readable) {
    this.#readable = readable;
    readable.pause();
    readable.on("data", (chunk: Uint8Array) => this.#take(chunk));
    readable.on("end", () => this.#finish());
    readable.on("close", () => this.#finish());
    // What went wrong is the link's to tell; for a source any end is an end.
    readable.on("error", () => this.#finish());
  }

  /** True when nothing more will be delivered and the handler knows. */
  get done(): boolean {
    return this.#endTold || this.#destroyed;
  }

  start(handler: InletHandler): void {
    this.#handler = handler;
    if (!this.#paused) this.#flow();
  }

  pause(): void {
    this.#paused = true;
    this.#flowing = false;
    this.#readable.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#handler !== undefined && !this.#isSpent) this.#flow();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#held = [];
    this.#readable.destroy();
  }

  #flow(): void {
    // A handler is never called from inside `start` or `resume`.
    queueMicrotask(() => this.#deliverHeld());
  }

  #deliverHeld(): void {
    if (this.#waits) return;
    const held = this.#held;
    let next = 0;
    // The handler may pause in the midst of it.
    while (next < held.length && !this.#waits) this.#hand(held[next++]!);
    this.#held = this.#destroyed ? [] : held.slice(next);
    if (this.#waits) return;
    this.#flowing = true;
    if (this.#atEnd) this.#tellEnd();
    else this.#readable.resume();
  }

  #take(chunk: Uint8Array): void {
    if (this.#destroyed) return;
    litterFor(chunk.length);
    // A plain view: `slice` of a Buffer does not copy, and who copies to keep a part must get a copy.
    const view = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    // A small piece of a large pool would keep all of the pool alive.
    const bytes = view.buffer.byteLength > 4096 && view.buffer.byteLength > view.length * 2 ? view.slice() : view;
    if (this.#flowing) this.#hand(bytes);
    else this.#held.push(bytes);
  }

  get #waits(): boolean {
    return this.#paused || this.#isSpent || this.#destroyed;
  }

  #hand(bytes: Uint8Array): void {
    this.#handler?.bytes(bytes);
    this.#turnBytes += bytes.length;
    if (this.#turnBytes < untimedBytes || this.#destroyed) return;
    if (this.#turnBeganMs === undefined) {
      this.#turnBeganMs = performance.now();
      onNextTurn(this.#newTurn);
    } else if (performance.now() - this.#turnBeganMs >= turnMs) {
      this.#isSpent = true;
      this.#flowing = false;
      this.#readable.pause();
    }
  }

  #onNewTurn(): void {
    this.#turnBytes = 0;
    this.#turnBeganMs = undefined;
    if (!this.#isSpent) return;
    this.#isSpent = false;
    if (!this.#paused && this.#handler !== undefined) this.#flow();
  }

  #finish(): void {
    this.#atEnd = true;
    if (this.#flowing) this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#endTold || this.#destroyed) return;
    this.#endTold = true;
    this.#handler?.end();
  }
}
