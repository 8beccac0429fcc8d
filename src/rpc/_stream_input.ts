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
  if (isReadableStream(source)) return readerInput(source.getReader());
  const iterator = source[Symbol.asyncIterator]();
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
  if (isReadableStream(source)) return source.locked ? undefined : source.cancel(reason);
  if (isNodeStream(source)) return void source.destroy();
  // What can be iterated more than once holds nothing yet; an iterator may.
  const { return: stop } = source as { readonly return?: () => unknown };
  return typeof stop === "function" ? stop.call(source) : undefined;
}

function readerInput(reader: ReadableStreamDefaultReader<unknown>): StreamInput {
  return { next: () => reader.read(), stop: (reason) => reader.cancel(reason) };
}

/** Streams of `node:stream` are iterated by a generator, which hears of nothing while it waits for data. */
function isNodeStream(value: object): value is { destroy(): void } & AsyncIterable<unknown> {
  const { destroy, pipe } = value as { readonly destroy?: unknown; readonly pipe?: unknown };
  return typeof destroy === "function" && typeof pipe === "function";
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}
