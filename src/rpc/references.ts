import type { Shape } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import {
  type Export,
  ExportTable,
  type Import,
  ImportTable,
  type OutgoingReferences,
  type ReferenceTables,
} from "../references/mod.ts";
import { sessionClosed } from "./_explanation.ts";
import { MessageSink } from "./_message_sink.ts";
import { MessageSource, type ReceivedReferences } from "./_message_source.ts";
import type { Imported } from "./imported.ts";
import { ControlCode } from "./messages.ts";
import type { Exported, NamedCall } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

/** Numbers and counts in one frame, which they always fit into. */
const maxReleases = 4_000;

/** The references of one message, until it has been sent. */
export type SentReferences = OutgoingReferences<Exported, Imported>;

/** All that crosses one session by reference, both ways, and the messages that name it. PROTOCOL.md §8.6. */
export class References implements ReferenceTables<Exported, Imported> {
  readonly exports: ExportTable<Exported>;
  readonly imports: ImportTable<Imported>;
  readonly #session: RpcSession;
  readonly #source: MessageSource;
  /** Lent out while a message is encoded, during which a getter may send another one. */
  #sink: MessageSink | undefined;
  #sent: SentReferences | undefined;
  /** Numbers and counts that the peer has not been told yet. */
  #releases: number[] = [];
  #willFlush = false;
  /** A second net, for what nobody disposes of. */
  readonly #collected: FinalizationRegistry<Import<Imported>> = new FinalizationRegistry((entry) =>
    this.imports.finish(entry, "disposed"),
  );
  readonly #flushLater = (): void => {
    this.#willFlush = false;
    this.flush();
  };

  constructor(session: RpcSession) {
    this.#session = session;
    this.exports = new ExportTable(session.limits.maxReferences, ({ content }) => content?.released?.());
    this.imports = new ImportTable(session.limits.maxReferences, {
      release: (id, times) => this.#release(id, times),
      ended: (entry) => {
        this.#collected.unregister(entry);
        const { content } = entry;
        if (content?.isUnclaimed) session.unclaimed.ended(content);
        content?.ended?.(entry.end ?? "disposed");
      },
    });
    this.#source = new MessageSource(session, this);
  }

  /** The peer's hello is known. @param max How many references it holds at once. */
  begin(max: number): void {
    this.exports.max = Math.min(max, this.#session.limits.maxReferences);
  }

  /**
   * Encodes a message whose first item is `null`; what it names by reference is given by {@linkcode References.takeSent}
   * right after.
   *
   * @param call The call that it belongs to.
   * @param isGiven What it names belongs to the peer; else it is lent to a call.
   * @throws PluginError `unsupported_value`, `too_large`, `limit`.
   */
  encode(
    message: readonly unknown[],
    places: readonly string[],
    call: NamedCall,
    isGiven: boolean,
    shapes?: ReadonlyMap<object, Shape>,
  ): Uint8Array {
    const sink = this.#sink ?? new MessageSink(this.#session, this);
    this.#sink = undefined;
    sink.begin(call, isGiven, shapes);
    try {
      const bytes = this.#session.codec.encodeMessage(message, places, sink);
      this.#sent = sink.take();
      return bytes;
    } catch (error) {
      sink.take()?.takeBack();
      throw error;
    } finally {
      this.#sink = sink;
    }
  }

  /** What the message encoded last names; `undefined` for nothing. Whoever takes it says when the message was sent. */
  takeSent(): SentReferences | undefined {
    const sent = this.#sent;
    this.#sent = undefined;
    return sent;
  }

  /** Decodes a message; what it names is given by {@linkcode References.takeReceived} right after. @throws PluginError `bad_message` */
  decode(payload: Uint8Array): unknown[] {
    return this.#source.decode(payload);
  }

  /** What the message decoded last names; `undefined` for nothing. */
  takeReceived(): ReceivedReferences | undefined {
    return this.#source.take();
  }

  /** Gives back what a message names that nobody takes. */
  discard(payload: Uint8Array): void {
    this.#source.discard(payload);
  }

  /** Lets go of an import once what stands for it is collected. */
  watch(value: object, entry: Import<Imported>): void {
    this.#collected.register(value, entry, entry);
  }

  /** What the peer names by a number of this side's. @throws PluginError `bad_message` */
  exported(id: unknown): Export<Exported> {
    const entry = typeof id === "number" ? this.exports.get(id) : undefined;
    if (entry !== undefined) return entry;
    throw new PluginError(ErrorCode.badMessage, `a reference ${String(id)}, which the peer does not hold`);
  }

  /** Takes a CONTROL frame about references. @throws PluginError `protocol` */
  control(message: readonly unknown[]): void {
    if (message[0] === ControlCode.abort) return this.#onAbort(message);
    for (let at = 1; at < message.length; at += 2) {
      const [id, times] = [message[at], message[at + 1]];
      if (!isCount(id, 0) || !isCount(times, 1)) {
        throw new PluginError(
          ErrorCode.protocol,
          "a release without the numbers of references and how often they were received",
        );
      }
      this.exports.release(id, times);
    }
  }

  /** Tells the peer what is not used any more, now: with what is sent in this turn. */
  flush(): void {
    if (this.#releases.length === 0) return;
    const releases = this.#releases;
    this.#releases = [];
    for (let at = 0; at < releases.length; at += maxReleases) {
      this.#session.sendControl([ControlCode.release, ...releases.slice(at, at + maxReleases)]);
    }
  }

  /** The session is going to end: what would never end by itself does. */
  drain(): void {
    for (const { content } of [...this.exports.values()]) content?.drain?.();
  }

  /** The session is over. @param error What broke it. */
  clear(error: PluginError | undefined): void {
    this.#releases = [];
    const reason = error ?? sessionClosed(this.#session.peerName);
    for (const entry of this.imports.values()) {
      this.#collected.unregister(entry);
      entry.content?.lost?.(reason);
    }
    this.imports.clear();
    this.exports.clear();
  }

  #onAbort(message: readonly unknown[]): void {
    const [, id, thrown] = message;
    if (!isCount(id, 0)) throw new PluginError(ErrorCode.protocol, "an abort without the number of a signal");
    // One that was let go of meanwhile is nobody's matter.
    this.imports.get(id)?.content?.aborted?.(thrown);
  }

  #release(id: number, times: number): void {
    this.#releases.push(id, times);
    if (this.#willFlush) return;
    this.#willFlush = true;
    this.#session.environment.scheduler.defer(this.#flushLater);
  }
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}
