import { type Logger, whenRejected } from "../log/mod.ts";

/**
 * Takes a plugin's raw output: a function, called with each piece as it comes, or a stream, which the bytes wait for. A
 * stream is let go of, not closed, when the output has ended.
 *
 * A function may give a promise, as an async one does: its failure is logged. Reading goes on meanwhile, except for a plugin that outlives
 * its host (`reattach`): there the next piece waits for the promise, and what was passed counts as delivered once it has settled.
 */
export type OutputSink = ((bytes: Uint8Array) => void | Promise<void>) | WritableStream<Uint8Array>;

/** Bytes that may wait for a stream that is slower than the plugin. */
const maxWaitingBytes = 64 * 1024 * 1024;

/** One output of a plugin on its way to a sink. */
export interface SinkFeed {
  /** Passes a piece on. */
  write(bytes: Uint8Array): void;
  /** Settles when the sink has taken all of it; `undefined` when it has. Never rejects. */
  taken(): Promise<void> | undefined;
  /** There is no more: a stream is let go of once it has taken what waits, and not closed, as others may write to it. */
  end(): Promise<void>;
}

/**
 * Passes a plugin's output on to the sink the host named. Whatever the sink does, reading goes on: a plugin must never
 * block because its reader gave up. What a stream does not take in time is dropped past 64 MiB, and said so.
 */
export function outputTo(sink: OutputSink | undefined, what: string, log: Logger): SinkFeed {
  if (sink === undefined) return { write: () => {}, taken: () => undefined, end: async () => {} };
  if (typeof sink === "function") return toFunction(sink, what, log);
  return toStream(sink, what, log);
}

function toFunction(sink: (bytes: Uint8Array) => void, what: string, log: Logger): SinkFeed {
  let didThrow = false;
  let taking: PromiseLike<unknown> | undefined;
  const failed = (error: unknown): void => {
    // Said once: a plugin that floods would flood the log too.
    if (!didThrow) log.warn(`the sink for the plugin's ${what} threw`, { error });
    didThrow = true;
  };
  return {
    write(bytes) {
      try {
        // An async function is taken as well, and its failure comes later.
        const given: unknown = sink(bytes);
        taking = isPromiseLike(given) ? given : undefined;
        if (given === undefined) didThrow = false;
        else whenRejected(given, failed);
      } catch (error) {
        failed(error);
      }
    },
    taken: () =>
      taking &&
      Promise.resolve(taking).then(
        () => {},
        () => {},
      ),
    end: async () => {},
  };
}

function toStream(stream: WritableStream<Uint8Array>, what: string, log: Logger): SinkFeed {
  const writer = stream.getWriter();
  let waitingBytes = 0;
  let isBroken = false;
  let droppedBytes = 0;
  let last: Promise<void> | undefined;
  const broke = (error: unknown): void => {
    if (isBroken) return;
    isBroken = true;
    log.warn(`the sink for the plugin's ${what} gave up; what follows is read and dropped`, { error });
  };
  writer.closed.catch(broke);
  return {
    write(bytes) {
      if (isBroken) return;
      if (waitingBytes + bytes.length > maxWaitingBytes) {
        if (droppedBytes === 0)
          log.warn(`the sink for the plugin's ${what} is too slow; bytes are dropped`, { waitingBytes });
        droppedBytes += bytes.length;
        return;
      }
      waitingBytes += bytes.length;
      last = writer.write(bytes).then(() => {
        waitingBytes -= bytes.length;
      }, broke);
    },
    taken: () => (waitingBytes === 0 ? undefined : last),
    async end() {
      if (droppedBytes > 0) log.warn(`the sink for the plugin's ${what} was too slow to the end`, { droppedBytes });
      droppedBytes = 0;
      await last;
      // A lock that is released rejects closed too, which is no fault of the sink's.
      isBroken = true;
      writer.releaseLock();
    },
  };
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
