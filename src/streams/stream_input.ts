/** A source of items, opened: a reader of a `ReadableStream`, or an iterator. */
export interface StreamInput {
  /** The next item, as an iterator gives it, or a promise of it. */
  readonly next: () => unknown;
  /**
   * Nobody wants more of it.
   *
   * @param isPulling What `next` gave last has not settled yet.
   * @returns What settles once the source has stopped; `undefined` when that is not worth waiting for.
   */
  stop(reason: unknown, isPulling: boolean): unknown;
  /** What it gives is written by the program, which may have nothing to write for as long as it likes. */
  readonly isWritten?: boolean;
}

/** What stands for streams of the peer that are written here. */
const written: WeakSet<object> = new WeakSet();

/** Says that a stream gives what the program writes. */
export function isWrittenHere(source: ReadableStream<unknown>): void {
  written.add(source);
}

/** What was read, or given up, for a peer: what is left of it is nothing. */
const sentSources: WeakSet<object> = new WeakSet();

/** Why a source that was sent before cannot be sent; `undefined` for one that can. */
export function sentBefore(source: ReadableStream<unknown> | AsyncIterable<unknown>): string | undefined {
  if (!sentSources.has(source)) return undefined;
  const way = isReadableStream(source) ? "send what tee() gives" : "make another one to send it again";
  return `it was sent already and can be read once; ${way}`;
}

/** True for a `ReadableStream`, also one of another realm or of a library. */
export function isReadableStream(value: object): value is ReadableStream<unknown> {
  return value instanceof ReadableStream || (tagOf(value) === "[object ReadableStream]" && "getReader" in value);
}

/** True for a `WritableStream`, also one of another realm or of a library. */
export function isWritableStream(value: object): value is WritableStream<unknown> {
  return value instanceof WritableStream || (tagOf(value) === "[object WritableStream]" && "getWriter" in value);
}

/** True for what can be iterated asynchronously. */
export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return typeof (value as { readonly [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function";
}

/** Takes hold of a source. @param heedsSignal True when the source listens to a signal that ends it. @throws whatever it throws. */
export function openInput(
  source: ReadableStream<unknown> | AsyncIterable<unknown>,
  heedsSignal: () => boolean,
): StreamInput {
  if (isReadableStream(source)) {
    const input = readerInput(source.getReader(), written.has(source));
    sentSources.add(source);
    return input;
  }
  const iterator = source[Symbol.asyncIterator]();
  // What gives a new iterator each time can be sent again.
  if ((iterator as unknown) === source || isNodeStream(source)) sentSources.add(source);
  // An async generator that waits for something does not hear of `return` before that has come.
  const isGenerator = tagOf(iterator) === "[object AsyncGenerator]";
  return {
    next: () => iterator.next(),
    stop(_reason, isPulling) {
      const isDeaf = isGenerator && isPulling && !heedsSignal();
      const stopped = iterator.return?.();
      if (!isDeaf) return stopped;
      if (isNodeStream(source)) source.destroy();
      // It ends when it goes on, and nobody is left to be told how.
      stopped?.catch(() => {});
      return undefined;
    },
  };
}

/** Lets go of a source that was never opened. */
export function forgetSource(source: ReadableStream<unknown> | AsyncIterable<unknown>, reason: unknown): unknown {
  if (isReadableStream(source) && source.locked) return undefined;
  // What can be iterated more than once holds nothing yet; an iterator may.
  if (isReadOnce(source)) sentSources.add(source);
  if (isReadableStream(source)) return source.cancel(reason);
  if (isNodeStream(source)) return void source.destroy();
  const { return: stop } = source as { readonly return?: () => unknown };
  return typeof stop === "function" ? stop.call(source) : undefined;
}

/** True for what gives its items once, whoever asks for them. */
export function isReadOnce(source: ReadableStream<unknown> | AsyncIterable<unknown>): boolean {
  if (isReadableStream(source) || isNodeStream(source)) return true;
  return typeof (source as { readonly return?: unknown }).return === "function";
}

function readerInput(reader: ReadableStreamDefaultReader<unknown>, isWritten: boolean): StreamInput {
  return { next: () => reader.read(), stop: (reason) => reader.cancel(reason), isWritten };
}

/** Streams of `node:stream` are iterated by a generator, which hears of nothing while it waits for data. */
function isNodeStream(value: object): value is { destroy(): void } & AsyncIterable<unknown> {
  const { destroy, pipe } = value as { readonly destroy?: unknown; readonly pipe?: unknown };
  return typeof destroy === "function" && typeof pipe === "function";
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}
