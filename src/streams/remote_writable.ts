import { ErrorCode, PluginError } from "../errors/mod.ts";
import { isWrittenHere } from "./stream_input.ts";

/**
 * A `WritableStream` of the peer. There is no more to it on the wire than a call that passes a stream: what is written
 * here is read there, and piped into the one that this stands for. PROTOCOL.md §8.7.
 *
 * A write settles when its chunk was sent, so that the chunk may be used again; `close` and `abort` when the peer's has
 * ended.
 *
 * @param send Calls the peer's with what is written, on the first write. Settles when all of it was taken.
 * @param over Called once when it cannot be written to any more.
 */
export function remoteWritable(
  send: (readable: ReadableStream<unknown>) => Promise<unknown>,
  over: () => void,
): WritableStream<unknown> {
  return new WritableStream<unknown>(new WritableFront(send, over), { highWaterMark: 1 });
}

/** What runs on the other side of it. */
export function pipeInto(writable: WritableStream<unknown>, readable: ReadableStream<unknown>): Promise<void> {
  return readable.pipeTo(writable);
}

class WritableFront implements UnderlyingSink<unknown> {
  readonly #send: (readable: ReadableStream<unknown>) => Promise<unknown>;
  readonly #over: () => void;
  #sink!: WritableStreamDefaultController;
  #source: ReadableStreamDefaultController<unknown> | undefined;
  #sent: Promise<void> | undefined;
  /** A chunk that nobody has asked for yet. */
  #chunk: { readonly value: unknown } | undefined;
  #isWanted = false;
  #write: PromiseWithResolvers<void> | undefined;
  #isEnding = false;

  constructor(send: (readable: ReadableStream<unknown>) => Promise<unknown>, over: () => void) {
    this.#send = send;
    this.#over = over;
  }

  start(controller: WritableStreamDefaultController): void {
    this.#sink = controller;
    // The stream calls `abort` only once the write under way has settled, which may wait for a peer that never reads.
    const { signal } = controller;
    signal.addEventListener("abort", () => this.#giveUp(signal.reason), { once: true });
  }

  write(chunk: unknown): Promise<void> {
    this.#begin();
    const write = Promise.withResolvers<void>();
    this.#write = write;
    this.#chunk = { value: chunk };
    this.#handOver();
    return write.promise;
  }

  close(): Promise<void> | undefined {
    this.#begin();
    this.#isEnding = true;
    this.#source?.close();
    return this.#sent;
  }

  async abort(reason: unknown): Promise<void> {
    this.#giveUp(reason);
    // It fails with what it was aborted with.
    await this.#sent?.catch(() => {});
  }

  #begin(): void {
    if (this.#sent !== undefined) return;
    const readable = new ReadableStream<unknown>(
      {
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => this.#pull(),
        cancel: () => {
          // Why is said by the end of the call, which settles whatever waits here.
          this.#source = undefined;
        },
      },
      { highWaterMark: 0 },
    );
    isWrittenHere(readable);
    this.#sent = this.#send(readable).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end({ thrown: error }),
    );
    // Whoever writes or closes is told.
    this.#sent.catch(() => {});
  }

  /** The chunk before has been sent. */
  #pull(): void {
    this.#isWanted = true;
    if (this.#chunk !== undefined) return this.#handOver();
    const write = this.#write;
    this.#write = undefined;
    write?.resolve();
  }

  #handOver(): void {
    const chunk = this.#chunk;
    if (!this.#isWanted || chunk === undefined) return;
    this.#isWanted = false;
    this.#chunk = undefined;
    this.#source?.enqueue(chunk.value);
  }

  /** The other side has ended. */
  #end(failure: { readonly thrown: unknown } | undefined): void {
    this.#over();
    if (failure === undefined && this.#isEnding) return;
    const early = `the other side ended a stream that was still being written`;
    const error = failure === undefined ? new PluginError(ErrorCode.closed, early) : failure.thrown;
    this.#sink.error(error);
    const write = this.#write;
    this.#write = undefined;
    write?.reject(error);
    throw error;
  }

  #giveUp(reason: unknown): void {
    if (this.#isEnding) return;
    this.#begin();
    this.#isEnding = true;
    this.#chunk = undefined;
    this.#source?.error(reason);
    const write = this.#write;
    this.#write = undefined;
    write?.reject(reason);
  }
}
