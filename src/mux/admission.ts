import { Ring } from "./_ring.ts";

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
  readonly #waiting: Ring<Reservation> = new Ring();
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
    this.#waiting.push(reservation);
    this.#admit();
    return reservation;
  }

  /** Gives room back, or stops waiting for it. Idempotent. */
  release(reservation: Reservation): void {
    const { state } = reservation;
    reservation.state = "over";
    if (state === "granted") this.#usedBytes -= reservation.bytes;
    if (state !== "over") this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (next.state === "waiting") {
        if (this.#usedBytes + next.bytes > this.#maxBytes) return;
        this.#usedBytes += next.bytes;
        next.state = "granted";
        this.#waiting.shift();
        next.grant();
      } else {
        this.#waiting.shift();
      }
    }
  }
}
