import type { Reservation } from "./admission.ts";

const firstBytes = 65_536;

/**
 * A message that arrives in fragments. Memory follows what has arrived, never what was announced: at most
 * four times as much is held, whatever the size of the fragments.
 */
export class PartialMessage {
  readonly totalBytes: number;
  reservation: Reservation | undefined;
  #buffer: Uint8Array = new Uint8Array(0);
  #have = 0;

  /** @param totalBytes Length announced by the first fragment. */
  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  get missingBytes(): number {
    return this.totalBytes - this.#have;
  }

  /** Takes the next fragment, which must fit into what is missing. */
  add(fragment: Uint8Array): void {
    const needed = this.#have + fragment.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(this.totalBytes, Math.max(needed, firstBytes, this.#buffer.length * 4)));
      grown.set(this.#buffer.subarray(0, this.#have));
      this.#buffer = grown;
    }
    this.#buffer.set(fragment, this.#have);
    this.#have = needed;
  }

  /** Counts a fragment without keeping it. */
  skip(bytes: number): void {
    this.#have += bytes;
  }

  /** The whole message. */
  take(): Uint8Array {
    return this.#buffer.subarray(0, this.#have);
  }
}
