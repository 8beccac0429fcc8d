import type { PluginError } from "../errors/mod.ts";
import type { MuxStream, StreamHandler, StreamReset } from "../mux/mod.ts";

/** How reasons cross, and where what a stream runs belongs to. */
export interface StreamTies {
  /** What it is called in errors: `the result of files.lines`. */
  readonly name: string;
  /** What of an error, or of a reason to stop, travels. */
  encodeReason(reason: unknown): Uint8Array;
  /** What the peer gave as its reason; `undefined` when it gave none. */
  decodeReason(reset: StreamReset): { readonly thrown: unknown } | undefined;
  /** Why the session is over, with all that can be found out. */
  explain(error: PluginError): Promise<PluginError>;
}

/** Holds what a message refers to until it has been sent. */
export interface MessageReferences {
  sent(): void;
  takeBack(): void;
}

/** What a stream that this side sends needs of the session around it. */
export interface OutgoingStreamTies extends StreamTies {
  /** Largest message that the peer takes, in bytes. */
  readonly maxMessageBytes: number;
  /** Encodes the message of an item. @throws PluginError `unsupported_value`, `too_large`, `limit` */
  encode(item: unknown): Uint8Array;
  /** What the message encoded last refers to; `undefined` for nothing. */
  readonly references: MessageReferences | undefined;
  /** What of a failure of Plugwire travels. */
  encodeFailure(error: PluginError): Uint8Array;
  /** Calls code of the source within the call that it belongs to. */
  run<T>(call: () => T): T;
  /** The reader wants no more of it, or the session is over. */
  abandoned(reason: unknown): void;
  /** True when the source listens to the signal that `abandoned` aborts. */
  readonly heedsSignal: boolean;
  nextTurn(callback: () => void): void;
  /** It is over: read to its end, failed, stopped, or let go of unread. Called once. */
  over(): void;
}

/** What a stream that this side reads needs of the session around it. */
export interface IncomingStreamTies extends StreamTies {
  /** Credit of bytes, and of items that are large, in bytes. */
  readonly windowBytes: number;
  /** What the contract says it carries; `undefined`: whatever comes. */
  readonly carries: "bytes" | "values" | undefined;
  /** Opens it: sends the message that begins the reading. @throws PluginError when it cannot be read any more. */
  open(handler: StreamHandler): MuxStream;
  /** That message was written, or never will be. Idempotent. */
  opened(): void;
  /** It is over, or nobody will open it: the peer may forget it. Idempotent. */
  release(): void;
  /** Decodes the message of an item: its value, or a `HeldItem` when it names references. @throws PluginError `bad_message` */
  decode(payload: Uint8Array): unknown;
  /** Gives back what a message refers to that nobody reads. */
  discard(payload: Uint8Array): void;
  /** Checks an item. @throws PluginError (or rejects with it) `invalid_argument`, `invalid_result` */
  readonly check: ((item: unknown, index: number) => unknown) | undefined;
}
