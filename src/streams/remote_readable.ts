import { forgottenReaders, type StreamReader, type StreamWaiter } from "./stream_reader.ts";

/** A `ReadableStream` of what the peer sends. It asks for nothing before somebody reads. */
export function remoteReadable(reader: StreamReader): ReadableStream<unknown> {
  const readable = new ReadableStream<unknown>(new ReadableFront(reader), { highWaterMark: 0 });
  forgottenReaders.register(readable, reader);
  return readable;
}

class ReadableFront implements UnderlyingDefaultSource<unknown>, StreamWaiter {
  readonly #reader: StreamReader;
  #controller!: ReadableStreamDefaultController<unknown>;
  #isWanted = false;
  #isWaking = false;
  #isOver = false;

  constructor(reader: StreamReader) {
    this.#reader = reader;
  }

  start(controller: ReadableStreamDefaultController<unknown>): void {
    this.#controller = controller;
  }

  pull(): void {
    this.#isWanted = true;
    this.wake();
  }

  cancel(reason: unknown): Promise<void> {
    this.#isOver = true;
    return this.#reader.stop(reason);
  }

  wake(): void {
    // To enqueue may pull for the next one that waits.
    if (this.#isWaking || this.#isOver) return;
    this.#isWaking = true;
    const reader = this.#reader;
    while (this.#isWanted && reader.hasItem) {
      this.#isWanted = false;
      this.#controller.enqueue(reader.shift());
    }
    this.#isWaking = false;
    const { outcome } = reader;
    if (outcome === undefined) {
      if (this.#isWanted) reader.want(this);
      return;
    }
    this.#isOver = true;
    if (outcome.error === undefined) this.#controller.close();
    else this.#controller.error(outcome.error.thrown);
  }
}
