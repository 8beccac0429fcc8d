import { checkItem, type Shape, type StandardSchema, type StreamPlace, shapeOf } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { MuxStream, StreamHandler, StreamReset } from "../mux/mod.ts";
import type { Import, ImportEnd } from "../references/mod.ts";
import { HeldItem, type IncomingStreamTies, StreamReader } from "../streams/mod.ts";
import { decodeStreamReason, encodeStreamReason } from "../thrown/mod.ts";
import { endError } from "./_reference_errors.ts";
import { Imported, importedBehind } from "./imported.ts";
import type { ImportPlace, Origin } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

/** A stream of the peer. PROTOCOL.md §8.7. */
export class ImportedStream extends Imported {
  readonly code: number;
  readonly #ties: IncomingTies;
  readonly #reader: StreamReader;

  /** @param make Makes what stands for it. */
  constructor(place: ImportPlace, code: number, make: (reader: StreamReader) => object) {
    super(place);
    this.code = code;
    this.#ties = new IncomingTies(place);
    this.#reader = new StreamReader(this.#ties);
    this.standsFor(make(this.#reader));
  }

  /** One that was begun is passed on like any other of this side's. */
  override get mayGoHome(): boolean {
    return !this.#reader.isOpened;
  }

  /** Somebody reads it, or is about to. */
  override get goesOn(): boolean {
    return (this.value as Partial<ReadableStream> | undefined)?.locked === true;
  }

  override shaped(shape: Shape, from: StreamPlace["from"]): undefined {
    if (shape.kind === "bytes") this.#ties.carries = "bytes";
    if (shape.kind === "stream") this.#ties.takesItems(shape.item, from);
  }

  override heed(signal: AbortSignal): void {
    this.#reader.heed(signal);
  }

  override ended(end: ImportEnd): void {
    this.#ties.letGo(end);
    // One that is being read goes on when its call ends.
    if (end !== "returned") this.#reader.abandon();
  }
}

/** What a stream of the peer has of its session. */
class IncomingTies implements IncomingStreamTies {
  readonly #session: RpcSession;
  readonly #origin: Origin;
  /** Until it is not held any more; not what stands for it, which must be free to be collected. */
  #entry: Import<Imported> | undefined;
  /** The message that opens it has not been written yet: a release before it would come first. */
  #departing: Import<Imported> | undefined;
  /** Not yet an error: one keeps what stands on its stack from being collected. */
  #end: ImportEnd | undefined;
  #itemShape: Shape | undefined;
  #from: StreamPlace["from"] = "caller";
  carries: "bytes" | "values" | undefined;
  check: ((item: unknown, index: number) => unknown) | undefined;

  constructor({ session, origin, entry }: ImportPlace) {
    this.#session = session;
    this.#origin = origin;
    this.#entry = entry;
  }

  get name(): string {
    return `the stream of ${this.#origin.contract}.${this.#origin.method}`;
  }

  get windowBytes(): number {
    return this.#session.limits.windowBytes;
  }

  takesItems(item: StandardSchema, from: StreamPlace["from"]): void {
    this.carries = "values";
    this.#itemShape = shapeOf(item);
    this.#from = from;
    const { contract, method } = this.#origin;
    const place: StreamPlace = { contract, method, from };
    this.check = (value, index) => checkItem(item, value, index, place);
  }

  letGo(end: ImportEnd): void {
    this.#entry = undefined;
    this.#end ??= end;
  }

  open(handler: StreamHandler): MuxStream {
    const entry = this.#entry;
    if (entry === undefined) throw endError(this.#end ?? "disposed", this.name);
    const stream = this.#session.openStream(handler);
    this.#session.references.imports.depart(entry);
    this.#departing = entry;
    stream.send(this.#session.codec.encode([null, -1 - entry.id, "", []]), true);
    return stream;
  }

  opened(): void {
    const entry = this.#departing;
    this.#departing = undefined;
    if (entry !== undefined) this.#session.references.imports.departed(entry);
  }

  release(): void {
    const entry = this.#entry;
    if (entry !== undefined) this.#session.references.imports.finish(entry, "disposed");
  }

  decode(payload: Uint8Array): unknown {
    const { references } = this.#session;
    const message = references.decode(payload);
    const received = references.takeReceived();
    if (received === undefined) return this.#itemOf(message);
    received.cameWith(this.#origin.contract, this.#origin.method);
    try {
      return new HeldItem(this.#itemOf(message), received);
    } catch (error) {
      received.giveBack();
      throw error;
    }
  }

  #itemOf(message: readonly unknown[]): unknown {
    if (message.length !== 2) throw new PluginError(ErrorCode.badMessage, `${this.name}: an item is an array of 2`);
    const item = message[1];
    if (this.#itemShape === undefined || !isObject(item)) return item;
    const complaint = importedBehind(item)?.shaped?.(this.#itemShape, this.#from);
    if (complaint === undefined) return item;
    const code = this.#from === "caller" ? ErrorCode.invalidArgument : ErrorCode.invalidResult;
    throw new PluginError(code, `${this.name}, an item: ${complaint}`);
  }

  discard(payload: Uint8Array): void {
    this.#session.references.discard(payload);
  }

  encodeReason(reason: unknown): Uint8Array {
    return encodeStreamReason(reason, this.#session);
  }

  decodeReason(reset: StreamReset): ReturnType<typeof decodeStreamReason> {
    return decodeStreamReason(reset, this.name, this.#session);
  }

  explain(error: PluginError): Promise<PluginError> {
    return this.#session.explain(error);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
