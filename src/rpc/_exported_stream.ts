import { shapeOf } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { MuxStream, StreamReset } from "../mux/mod.ts";
import {
  endSubscription,
  isReadableStream,
  isReadOnce,
  type MessageReferences,
  type OutgoingStreamTies,
  type PumpMode,
  StreamSource,
  sentBefore,
} from "../streams/mod.ts";
import { decodeStreamReason, encodeStreamFailure, encodeStreamReason } from "../thrown/mod.ts";
import { IncomingState } from "./_incoming_state.ts";
import { lendStream, streamReturned } from "./_lent_streams.ts";
import type { CallState } from "./call_context.ts";
import type { Exported, ExportPlace, NamedCall } from "./reference_kind.ts";

type Source = ReadableStream<unknown> | AsyncIterable<unknown>;

/** Names of the places of an item's message, for the paths in errors. */
const itemPlaces: readonly string[] = ["references", "item"];

/** A stream of this side. PROTOCOL.md §8.7. */
export class ExportedStream implements Exported {
  readonly #value: Source;
  readonly #source: StreamSource;
  readonly #isGiven: boolean;
  #isOver = false;
  #whenOver: (() => void) | undefined;

  /** @throws PluginError `unsupported_value` for one that is locked, or was sent before. */
  constructor(source: Source, place: ExportPlace) {
    const { shape, call, isGiven } = place;
    refuseSentBefore(source);
    if (!isGiven) lendStream(source, call, isReadOnce(source));
    if (isReadableStream(source) && source.locked) {
      const text =
        "it is a ReadableStream that is locked: somebody reads it already; release its reader, or send what tee() gives";
      throw new PluginError(ErrorCode.unsupportedValue, text);
    }
    const mode: PumpMode = shape?.kind === "bytes" ? "bytes" : shape?.kind === "stream" ? "values" : "auto";
    this.#value = source;
    this.#isGiven = isGiven;
    this.#source = new StreamSource(
      source,
      mode,
      new OutgoingTies(place, !isReadableStream(source), () => this.#over()),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls back when it is over. */
  whenOver(callback: () => void): void {
    if (this.#isOver) return callback();
    const before = this.#whenOver;
    this.#whenOver = () => {
      before?.();
      callback();
    };
  }

  #over(): void {
    this.#isOver = true;
    this.#whenOver?.();
    this.#whenOver = undefined;
  }

  again(call: NamedCall): void {
    refuseSentBefore(this.#value);
    // Here even what can be iterated again is one stream.
    if (!this.#isGiven) lendStream(this.#value, call, true);
  }

  open(stream: MuxStream): void {
    this.#source.open(stream);
  }

  /** A subscription has no end of its own that one could wait for. */
  drain(): void {
    endSubscription(this.#value);
  }

  released(): void {
    if (!this.#isGiven) streamReturned(this.#value);
    this.#source.released(this.#isGiven);
  }
}

function refuseSentBefore(source: Source): void {
  const before = sentBefore(source);
  if (before !== undefined) throw new PluginError(ErrorCode.unsupportedValue, before);
}

/** What a stream of this side has of its session. */
class OutgoingTies implements OutgoingStreamTies {
  readonly #place: ExportPlace;
  /** The call that an argument was passed in. */
  readonly #caller: CallState | undefined;
  /** Code of this side runs for it. */
  readonly #isCode: boolean;
  readonly #call: NamedCall;
  readonly #hasShapedItems: boolean;
  #state: IncomingState | undefined;
  references: MessageReferences | undefined;
  readonly over: () => void;

  /** @param isCode Its source is code of this side: a generator. @param over Called when it is over. */
  constructor(place: ExportPlace, isCode: boolean, over: () => void) {
    this.over = over;
    const { shape, session } = place;
    this.#place = place;
    const { contract, method } = place.origin;
    this.#call = { contract, label: method };
    this.#isCode = isCode;
    this.#caller = place.isGiven ? undefined : session.environment.context.get();
    this.#hasShapedItems = shape?.kind === "stream" && shapeOf(shape.item) !== undefined;
  }

  get name(): string {
    const { origin, isGiven } = this.#place;
    return `the stream ${isGiven ? "of" : "passed to"} ${origin.contract}.${origin.method}`;
  }

  get maxMessageBytes(): number {
    return this.#place.session.peerHello.limits.message;
  }

  get heedsSignal(): boolean {
    return this.#state?.isHeeded === true;
  }

  encode(item: unknown): Uint8Array {
    const { references } = this.#place.session;
    const message = references.encode([null, item], itemPlaces, this.#call, true, this.#shapesOf(item));
    this.references = references.takeSent();
    return message;
  }

  encodeReason(reason: unknown): Uint8Array {
    return encodeStreamReason(reason, this.#place.session, !this.#place.isGiven);
  }

  encodeFailure(error: PluginError): Uint8Array {
    const { session, isGiven, origin } = this.#place;
    const { contract, method } = origin;
    const failure = error.with({ contract, method, execution: "unknown" });
    // Who passed a stream is told what was wrong with it: by the call that read it, if that passes on what it met.
    return isGiven ? encodeStreamFailure(failure, session) : encodeStreamReason(failure, session, true);
  }

  decodeReason(reset: StreamReset): ReturnType<typeof decodeStreamReason> {
    return decodeStreamReason(reset, this.name, this.#place.session);
  }

  explain(error: PluginError): Promise<PluginError> {
    return this.#place.session.explain(error);
  }

  /** What a generator runs belongs to the stream, so that its `callContext().signal` tells when nobody reads any more. */
  run<T>(call: () => T): T {
    if (!this.#isCode) return call();
    const { session, isGiven } = this.#place;
    return session.environment.context.run(isGiven ? this.#stateOf() : this.#caller, call);
  }

  abandoned(reason: unknown): void {
    this.#state?.abort(reason);
  }

  nextTurn(callback: () => void): void {
    this.#place.session.environment.scheduler.nextTurn(callback);
  }

  #stateOf(): IncomingState {
    const { session, origin } = this.#place;
    this.#state ??= new IncomingState(session, origin.contract, origin.method, undefined);
    return this.#state;
  }

  #shapesOf(item: unknown): ReturnType<typeof shapesOfItem> {
    const { shape } = this.#place;
    if (!this.#hasShapedItems || shape?.kind !== "stream") return undefined;
    return shapesOfItem(item, shapeOf(shape.item));
  }
}

function shapesOfItem(
  item: unknown,
  shape: ReturnType<typeof shapeOf>,
): ReadonlyMap<object, NonNullable<typeof shape>> | undefined {
  const isObject = (typeof item === "object" && item !== null) || typeof item === "function";
  return isObject && shape !== undefined ? new Map([[item, shape]]) : undefined;
}
