import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type MuxStream, ResetCode, type StreamHandler, type StreamReset } from "../mux/mod.ts";
import type { StreamInput } from "./stream_input.ts";
import type { MessageReferences, OutgoingStreamTies } from "./stream_ties.ts";

/** How a stream is sent: `auto` by its first chunk. */
export type PumpMode = "auto" | "bytes" | "values";

/** Empty chunks in a row after which others have a turn: they need no credit, and so would never wait for anything. */
const maxEmptyRun = 256;

/**
 * Sends what a source gives, an item at a time: the next one is asked for once the one before has been written, which
 * waits for the reader's credit. PROTOCOL.md §8.7.
 */
export class StreamPump implements StreamHandler {
  readonly #stream: MuxStream;
  readonly #input: StreamInput;
  readonly #ties: OutgoingStreamTies;
  #mode: PumpMode;
  /** The contract says so. */
  readonly #isDeclaredBytes: boolean;
  #isOver = false;
  #isPulling = false;
  /** On its way through a loop, which sees by itself what becomes possible meanwhile. */
  #isGoing = false;
  #items = 0;
  #emptyRun = 0;
  /** What the message that waits to be written refers to. */
  #unsent: MessageReferences | undefined;
  /** How far it was when {@linkcode StreamPump.hasRested} was asked. */
  #restedAt: string | undefined;
  readonly #loop = (): void => {
    while (!this.#isOver && !this.#isPulling && this.#stream.isSent) this.#pull();
    this.#isGoing = false;
  };
  readonly #onResult = (result: unknown): void => {
    this.#isPulling = false;
    if (this.#isOver) return;
    this.#isGoing = true;
    this.#take(result);
    // Still within the call that the source belongs to, as what it gave was asked for there.
    this.#loop();
  };
  readonly #onThrown = (error: unknown): void => {
    this.#isPulling = false;
    this.#threw(error);
  };

  /** @param stream One that the peer opened to read. */
  constructor(stream: MuxStream, input: StreamInput, mode: PumpMode, ties: OutgoingStreamTies) {
    this.#stream = stream;
    this.#input = input;
    this.#mode = mode;
    this.#isDeclaredBytes = mode === "bytes";
    this.#ties = ties;
    stream.isPaced = true;
  }

  /** What it is called in errors. */
  get name(): string {
    return this.#ties.name;
  }

  /** True when it sends what the program writes. */
  get isWritten(): boolean {
    return this.#input.isWritten === true;
  }

  /** True when it waits for the reader's credit, or for the program to write, and did when this was asked before. */
  hasRested(): boolean {
    const waits = !this.#stream.isSent || (this.isWritten && this.#isPulling);
    const at = waits && !this.#isOver ? `${this.#items} ${this.#stream.queuedBytes}` : undefined;
    const hasRested = at !== undefined && at === this.#restedAt;
    this.#restedAt = at;
    return hasRested;
  }

  /** Stops it: the reader gets this error once it has read what was sent. */
  end(error: PluginError): void {
    if (!this.#isOver) this.#fail(error);
  }

  /** Begins. */
  start(): void {
    // A reader that only wants to cancel says so right after it opened: nothing need be begun for it.
    queueMicrotask(() => this.#go());
  }

  // StreamHandler. The peer's half ended with the message that opened the stream.

  drained(): void {
    const references = this.#unsent;
    this.#unsent = undefined;
    references?.sent();
    this.#go();
  }

  stopped(reset: StreamReset): boolean {
    if (this.#isOver) return false;
    const stopped = this.#stop(this.#ties.decodeReason(reset)?.thrown);
    if (!isThenable(stopped)) return false;
    Promise.resolve(stopped).then(
      () => this.#stream.abort(ResetCode.done),
      (error: unknown) => this.#stream.abort(ResetCode.cancelled, this.#ties.encodeReason(error)),
    );
    return true;
  }

  lost(error: PluginError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    void this.#ties.explain(error).then((reason) => {
      const stopped = this.#stop(reason);
      // There is nobody left to be told how the source took it.
      if (isThenable(stopped)) Promise.resolve(stopped).catch(() => {});
    });
  }

  message(): void {}
  bytes(): void {}
  ended(): void {}
  aborted(): void {}
  tooLarge(): void {}

  #go(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    this.#ties.run(this.#loop);
  }

  #pull(): void {
    this.#isPulling = true;
    let result: unknown;
    try {
      result = this.#input.next();
      if (!(result instanceof Promise) && isThenable(result)) result = Promise.resolve(result);
    } catch (error) {
      return this.#onThrown(error);
    }
    if (result instanceof Promise) return void result.then(this.#onResult, this.#onThrown);
    this.#isPulling = false;
    this.#take(result);
  }

  #take(result: unknown): void {
    if (typeof result !== "object" || result === null) {
      return this.#fail(new TypeError(`${this.#ties.name}: its iterator gave ${String(result)}, which is no result`));
    }
    let done: unknown;
    let value: unknown;
    try {
      ({ done, value } = result as IteratorResult<unknown>);
    } catch (error) {
      // A getter: what it throws is the source's failure, as in any loop.
      return this.#threw(error);
    }
    if (done === true) return this.#end();
    if (this.#mode === "auto") this.#mode = value instanceof Uint8Array ? "bytes" : "values";
    if (this.#mode === "bytes") this.#sendBytes(value);
    else this.#sendItem(value);
    this.#items++;
  }

  #sendBytes(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) {
      const text = wrongChunk(chunk, this.#items, this.#isDeclaredBytes);
      return this.#fail(new PluginError(ErrorCode.unsupportedValue, `${this.#ties.name}: ${text}`));
    }
    if (chunk.length > 0) {
      this.#emptyRun = 0;
      this.#stream.sendBytes(chunk);
      return;
    }
    this.#emptyRun++;
    if (this.#emptyRun < maxEmptyRun) return;
    this.#emptyRun = 0;
    this.#isPulling = true;
    this.#ties.nextTurn(() => {
      this.#isPulling = false;
      this.#go();
    });
  }

  #sendItem(item: unknown): void {
    let message: Uint8Array;
    try {
      message = this.#ties.encode(item);
    } catch (error) {
      const { code, message: text, path } = PluginError.from(error);
      return this.#fail(
        new PluginError(code, `${this.#ties.name}, item ${this.#items}: ${text}`, { path, cause: error }),
      );
    }
    const max = this.#ties.maxMessageBytes;
    if (message.length > max) {
      this.#ties.references?.takeBack();
      const text = `${this.#ties.name}, item ${this.#items}: it has ${message.length} bytes, the reader takes at most ${max} (limits.maxMessageBytes)`;
      return this.#fail(new PluginError(ErrorCode.tooLarge, text));
    }
    this.#stream.send(message, false);
    const { references } = this.#ties;
    if (references === undefined) return;
    if (this.#stream.isSent) references.sent();
    else this.#unsent = references;
  }

  #end(): void {
    this.#finish();
    if (this.#mode === "bytes") this.#stream.endBytes();
    else this.#stream.end();
  }

  #finish(): void {
    this.#isOver = true;
    this.#ties.over();
  }

  /** The source failed. */
  #threw(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#stream.abort(ResetCode.internal, this.#ties.encodeReason(error));
  }

  /** What the source gave cannot be sent: it is stopped. */
  #fail(error: TypeError | PluginError): void {
    const failure = PluginError.from(error, ErrorCode.unsupportedValue);
    this.#stream.abort(ResetCode.internal, this.#ties.encodeFailure(failure));
    const stopped = this.#stop(failure);
    // The reader has the first error; this one came of it.
    if (isThenable(stopped)) Promise.resolve(stopped).catch(() => {});
  }

  #stop(reason: unknown): unknown {
    this.#isOver = true;
    this.#unsent?.takeBack();
    this.#unsent = undefined;
    this.#ties.abandoned(reason);
    let stopped: unknown;
    try {
      stopped = this.#ties.run(() => this.#input.stop(reason, this.#isPulling));
    } catch (error) {
      stopped = Promise.reject(error);
    }
    // Until then its `finally` may use what was lent to its call.
    const over = (): void => this.#ties.over();
    if (isThenable(stopped)) Promise.resolve(stopped).then(over, over);
    else over();
    return stopped;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function wrongChunk(chunk: unknown, index: number, isDeclared: boolean): string {
  const what = `chunk ${index} is ${describe(chunk)}`;
  if (!isDeclared) return `${what}; a stream that began with bytes goes on with them (Uint8Array)`;
  const way = typeof chunk === "string" ? "encode it (TextEncoderStream), or declare stream(…)" : "declare stream(…)";
  return `bytes() takes Uint8Array chunks; ${what}: ${way}`;
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : `a ${typeof value}`;
  return Object.prototype.toString.call(value).slice(8, -1);
}
