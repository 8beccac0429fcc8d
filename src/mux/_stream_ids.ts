/** True when `id` comes after `other`, counted around the end of 32 bits. PROTOCOL.md §5.1. */
export function isAfter(id: number, other: number): boolean {
  const ahead = (id - other) >>> 0;
  return ahead !== 0 && ahead < 0x8000_0000;
}

/** Hands out the ids of one side's streams: of one parity, rising by 2, past those still live. */
export class StreamIds {
  readonly #first: number;
  #next: number;

  /** @param first 1 for the host, 2 for the plugin. */
  constructor(first: number) {
    this.#first = first;
    this.#next = first;
  }

  /** The id that comes next. */
  take(isLive: (id: number) => boolean): number {
    while (isLive(this.#next)) this.#advance();
    const id = this.#next;
    this.#advance();
    return id;
  }

  /** True for an id of this side that was not handed out yet, as far as can be told after a wrap. */
  isUnused(id: number): boolean {
    return id === this.#next || isAfter(id, this.#next);
  }

  /** Goes on after this id. */
  goOnAfter(id: number): void {
    this.#next = id;
    this.#advance();
  }

  #advance(): void {
    const next = (this.#next + 2) >>> 0;
    this.#next = next < 2 ? this.#first : next;
  }
}
