/**
 * A two-way channel of bytes in Web Streams: what users bring, and what they get.
 *
 * @example
 * ```ts
 * import type { Duplex } from "@plugwire/plugwire/transport";
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 * const left: Duplex = { readable: back.readable, writable: there.writable };
 * const right: Duplex = { readable: there.readable, writable: back.writable };
 * console.log(left, right);
 * ```
 */
export interface Duplex {
  /** Bytes from the other side. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Bytes to the other side. */
  readonly writable: WritableStream<Uint8Array>;
}
