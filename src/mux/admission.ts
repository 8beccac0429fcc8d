/** A request for room that was made. */
export interface Reservation {
  readonly bytes: number;
  state: "waiting" | "granted" | "over";
  readonly grant: () => void;
}

/**
 * The room of a session for messages larger than their stream's window: whole messages are admitted, first
 * come first served, so that whatever was admitted can always be finished and no two halves of different
 * messages wait for each other. PROTOCOL.md §5.3.
 */
export class Admission {
  readonly #maxBytes: number;
  /** A set, so that a request that is taken back leaves it at once. */
  readonly #waiting: Set<Reservation> = new Set();
  #usedBytes = 0;

  /** @param maxBytes Room, in bytes. A single request never exceeds it: the caller checks `maxMessageBytes` first. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes admitted and not yet given back. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Asks for room; `grant` is called at once when there is some and nobody waits, else later. */
  request(bytes: number, grant: () => void): Reservation {
    const reservation: Reservation = { bytes, state: "waiting", grant };
    this.#waiting.add(reservation);
    this.#admit();
    return reservation;
  }

  /** Gives room back, or stops waiting for it. Idempotent. */
  release(reservation: Reservation): void {
    const { state } = reservation;
    reservation.state = "over";
    this.#waiting.delete(reservation);
    if (state === "granted") this.#usedBytes -= reservation.bytes;
    if (state !== "over") this.#admit();
  }

  #admit(): void {
    for (const next of this.#waiting) {
      if (this.#usedBytes + next.bytes > this.#maxBytes) return;
      this.#waiting.delete(next);
      this.#usedBytes += next.bytes;
      next.state = "granted";
      next.grant();
    }
  }
}
