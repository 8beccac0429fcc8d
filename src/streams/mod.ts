/** Streams of values and of bytes, on streams of the mux. @module */
export { HeldItem } from "./held_item.ts";
export { RemoteIterable } from "./remote_iterable.ts";
export { remoteReadable } from "./remote_readable.ts";
export { pipeInto, remoteWritable } from "./remote_writable.ts";
export { isAsyncIterable, isReadableStream, isReadOnce, isWritableStream, sentBefore } from "./stream_input.ts";
export { type PumpMode, StreamPump } from "./stream_pump.ts";
export { StreamReader } from "./stream_reader.ts";
export { StreamSource } from "./stream_source.ts";
export type { IncomingStreamTies, MessageReferences, OutgoingStreamTies } from "./stream_ties.ts";
export {
  type EndSubscription,
  endSubscription,
  type Push,
  type SubscriptionOptions,
  subscription,
} from "./subscription.ts";
