import { ErrorCode, PluginError } from "../errors/mod.ts";
import {
  isAsyncIterable,
  isReadableStream,
  isWritableStream,
  pipeInto,
  RemoteIterable,
  remoteReadable,
  remoteWritable,
} from "../streams/mod.ts";
import { ExportedStream } from "./_exported_stream.ts";
import { FunctionTarget } from "./_function_kind.ts";
import { ImportedStream } from "./_imported_stream.ts";
import { Imported } from "./imported.ts";
import { marks } from "./reference.ts";
import { type Exported, type ExportPlace, type ImportPlace, KindCode, type ReferenceKind } from "./reference_kind.ts";
import { WriterTarget } from "./reference_target.ts";
import { startCall } from "./start_call.ts";

/** A `WritableStream` of this side: a call of it passes what is to be written. */
class ExportedWritable implements Exported {
  readonly target: FunctionTarget;

  constructor(writable: WritableStream<unknown>, { origin }: ExportPlace) {
    if (writable.locked) {
      const text = "it is a WritableStream that is locked: somebody writes to it already; release its writer";
      throw new PluginError(ErrorCode.unsupportedValue, text);
    }
    const pipe = (readable: unknown): Promise<void> => pipeInto(writable, readable as ReadableStream<unknown>);
    this.target = new FunctionTarget(pipe, origin, undefined);
  }
}

/** A `WritableStream` of the peer. */
class ImportedWritable extends Imported {
  readonly code = KindCode.writable;

  constructor(place: ImportPlace) {
    super(place);
    const target = new WriterTarget(this, () => undefined);
    const { session } = place;
    const send = (readable: ReadableStream<unknown>): Promise<unknown> =>
      startCall(session, target, "", undefined, [readable], undefined);
    this.standsFor(remoteWritable(send, () => this.dispose()));
  }

  /** Somebody writes to it, or is about to. */
  override get goesOn(): boolean {
    return (this.value as WritableStream | undefined)?.locked === true;
  }
}

/** Streams that are read by a reader. */
export const readableKind: ReferenceKind = {
  code: KindCode.readable,
  accepts: (value, shape) => isReadableStream(value) || (shape?.kind === "bytes" && isAsyncIterable(value)),
  export: (value, place) => new ExportedStream(value as ReadableStream<unknown>, place),
  import: (place) => new ImportedStream(place, KindCode.readable, remoteReadable),
};

/** What is iterated asynchronously: generators, and all that has an asynchronous iterator. */
export const iterableKind: ReferenceKind = {
  code: KindCode.iterable,
  accepts: (value, shape) => isAsyncIterable(value) && shape?.kind !== "reference" && marks()?.has(value) !== true,
  export: (value, place) => new ExportedStream(value as AsyncIterable<unknown>, place),
  import: (place) => new ImportedStream(place, KindCode.iterable, (reader) => new RemoteIterable(reader)),
};

/** Streams that are written to. */
export const writableKind: ReferenceKind = {
  code: KindCode.writable,
  accepts: (value) => isWritableStream(value),
  export: (value, place) => new ExportedWritable(value as WritableStream<unknown>, place),
  import: (place) => new ImportedWritable(place),
};
