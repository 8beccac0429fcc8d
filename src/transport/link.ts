/**
 * The push form of a duplex: what the multiplexer runs on. A link delivers bytes in order or ends; it
 * knows nothing of frames.
 *
 * Ownership: bytes passed to {@linkcode Link.write} belong to the link until {@linkcode Link.hasTaken} says otherwise; bytes given to
 * {@linkcode LinkHandler.bytes} belong to the handler, and their buffer is never used again.
 */
export interface Link {
  /** Says in a few words what it is, for error messages: `unix /tmp/x/s`. */
  readonly name: string;
  /**
   * Begins delivery. Called once; bytes that arrive before are kept.
   * A handler's methods are never called from inside `start`.
   */
  start(handler: LinkHandler): void;
  /**
   * Queues bytes for sending. Never throws; after the link has closed they are dropped.
   *
   * @returns `false` when more than `writeBufferBytes` wait to be taken by the system: the caller should
   * stop until {@linkcode LinkHandler.drain}.
   */
  write(bytes: Uint8Array): boolean;
  /**
   * True while the system has copied all that was written, so that nobody looks at those bytes any more and their buffers
   * may be written again. A link that hands bytes on without a copy leaves it out.
   */
  readonly hasTaken?: boolean;
  /**
   * What tells this connection from one that somebody in the middle made: under TLS 64 bytes, the hashes of both certificates. Left
   * out where there is nothing of the kind.
   */
  readonly binding?: Uint8Array | undefined;
  /** Sends what is queued, then ends the direction to the peer. The other one goes on. Idempotent. */
  end(): void;
  /** Closes both directions at once and drops what is queued. Idempotent; `closed` follows. */
  destroy(reason?: unknown): void;
  /** Stops delivery of bytes until {@linkcode Link.resume}; the peer is slowed down by the system. */
  pause(): void;
  /** Goes on after {@linkcode Link.pause}. */
  resume(): void;
}

/** What a {@linkcode Link} calls. Methods must not throw. */
export interface LinkHandler {
  /** Bytes from the peer: never empty. */
  bytes(chunk: Uint8Array): void;
  /** The peer ended its direction. Called at most once, after the last bytes. */
  end(): void;
  /** After a `write` that gave `false`, what was queued has been taken. */
  drain(): void;
  /** Both directions are over. Called exactly once, last. `error` is what broke it, already one of ours. */
  closed(error?: unknown): void;
}

/**
 * How long a link goes on reading after its writing half broke, in ms. The last words of the other side may still be on
 * their way then; one that never ends must not keep the link for ever.
 */
export const lastWordsMs = 500;

/** Bytes a link lets wait before `write` gives `false`. */
export const writeBufferBytes = 65_536;
