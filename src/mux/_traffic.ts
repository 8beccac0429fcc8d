/** What crosses a session, as far as it tells whether a byte stream has the session to itself. */
export class Traffic {
  #streamId = 0;
  #bytes = 0;

  /** A message, or a part of one, crossed: somebody makes calls. */
  message(): void {
    this.#bytes = 0;
  }

  /** Bytes of a stream came in. */
  bytes(streamId: number, count: number): void {
    if (streamId !== this.#streamId) {
      if (this.#streamId !== 0) this.#bytes = 0;
      this.#streamId = streamId;
    }
    this.#bytes += count;
  }

  /** A stream of bytes has ended: one that comes after it takes its place, not a part of it. */
  ended(streamId: number): void {
    if (streamId === this.#streamId) this.#streamId = 0;
  }

  /**
   * Bytes of this stream that came since anything else crossed: messages either way, or bytes of another stream in between. Those of
   * streams that ended before it count with it.
   */
  aloneBytes(streamId: number): number {
    return streamId === this.#streamId ? this.#bytes : 0;
  }
}
