import { Ring } from "../mux/mod.ts";
import { forgottenReaders, type StreamReader, type StreamWaiter } from "./stream_reader.ts";

interface Waiting {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

/** What the peer's iterator gives. It asks for nothing before the first `next`. */
export class RemoteIterable implements AsyncIterableIterator<unknown, undefined>, AsyncDisposable, StreamWaiter {
  readonly #reader: StreamReader;
  readonly #waiting: Ring<Waiting> = new Ring();
  #isOver = false;

  constructor(reader: StreamReader) {
    this.#reader = reader;
    forgottenReaders.register(this, reader);
  }

  get [Symbol.toStringTag](): string {
    return "RemoteIterable";
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const reader = this.#reader;
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    if (this.#waiting.length === 0 && reader.hasItem) return Promise.resolve({ value: reader.shift(), done: false });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.wake();
    });
  }

  /** Stops the producer. Settles once it has stopped. */
  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.#stop(undefined);
    return { value: undefined, done: true };
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown, undefined>> {
    await this.#stop(error);
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(undefined);
  }

  wake(): void {
    const reader = this.#reader;
    while (this.#waiting.length > 0 && reader.hasItem) {
      this.#waiting.shift()?.resolve({ value: reader.shift(), done: false });
    }
    if (this.#waiting.length === 0) return;
    const { outcome } = reader;
    if (outcome === undefined) return reader.want(this);
    this.#isOver = true;
    // An iterator fails once; after that it has ended.
    if (outcome.error !== undefined) this.#waiting.shift()?.reject(outcome.error.thrown);
    this.#endWaiting();
  }

  #stop(reason: unknown): Promise<void> {
    if (this.#isOver && this.#waiting.length === 0 && this.#reader.outcome !== undefined) return Promise.resolve();
    this.#isOver = true;
    const stopped = this.#reader.stop(reason);
    this.#endWaiting();
    return stopped;
  }

  #endWaiting(): void {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      waiting.resolve({ value: undefined, done: true });
    }
  }
}
