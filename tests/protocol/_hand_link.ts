import type { Link, LinkHandler } from "../../src/transport/mod.ts";

/** Time in which a session of this process does what it will do, in ms. */
const patienceMs = 3_000;

/** One end of a link whose other end is a script: it keeps what is written, and delivers what it is told to. */
export class HandLink implements Link {
  readonly name = "by hand";
  #handler: LinkHandler | undefined;
  #written: Uint8Array[] = [];
  #count = 0;
  #ended = false;
  #peerEnded = false;
  #closed = false;
  #paused = false;
  #waiting: Uint8Array[] = [];
  #change: PromiseWithResolvers<void> = Promise.withResolvers();

  start(handler: LinkHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    this.#written.push(bytes.slice());
    this.#count += bytes.length;
    this.#changed();
    return true;
  }

  end(): void {
    this.#ended = true;
    this.#changed();
    this.#closeIfOver();
  }

  destroy(): void {
    this.#close();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#deliver());
  }

  /** All that was written so far. */
  get written(): Uint8Array {
    const whole = new Uint8Array(this.#count);
    let at = 0;
    for (const bytes of this.#written) {
      whole.set(bytes, at);
      at += bytes.length;
    }
    return whole;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** Settles once so many bytes were written in all, or no more can be. */
  async hasWritten(count: number): Promise<void> {
    while (this.#count < count && !this.#ended && !this.#closed) await this.#changes(`${count} bytes`);
  }

  /** Settles once this side has ended its direction. */
  async hasEnded(): Promise<void> {
    while (!this.#ended && !this.#closed) await this.#changes("the end");
  }

  /** Bytes of the other end. */
  deliver(bytes: Uint8Array): void {
    this.#waiting.push(bytes.slice());
    this.#deliver();
  }

  /** The other end has ended its direction. */
  deliverEnd(): void {
    this.#peerEnded = true;
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed && this.#waiting.length > 0) this.#handler?.bytes(this.#waiting.shift()!);
    if (!this.#peerEnded || this.#paused || this.#closed) return;
    this.#handler?.end();
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (this.#ended && this.#peerEnded && this.#waiting.length === 0) queueMicrotask(() => this.#close());
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#changed();
    this.#handler?.closed();
  }

  /** Waits for something to happen; what never happens is to fail the test, not to hang it. */
  async #changes(awaited: string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const text = `nothing more came while waiting for ${awaited}: ${this.#count} bytes were written`;
    const timer = setTimeout(() => late.reject(new Error(text)), patienceMs);
    try {
      await Promise.race([this.#change.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
