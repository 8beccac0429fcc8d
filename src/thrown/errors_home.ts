/** Errors that are kept for their way home, at most. */
const maxKept = 64;

/**
 * Lets an error that comes home be the original: a callback of the host throws, the plugin passes the error on, and the host catches
 * what was thrown there. One for each session; keeps the last few errors while anything runs that could bring one back.
 */
export class ErrorsHome {
  readonly #kept: Map<number, object> = new Map();
  /** Errors that came from the peer, and what it calls them. */
  readonly #known: WeakMap<object, number> = new WeakMap();
  #nextId = 0;

  /** Errors that are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Keeps an error of this side. @returns What it is called on its way. */
  keep(error: object): number {
    const id = this.#nextId++;
    this.#kept.set(id, error);
    if (this.#kept.size > maxKept) this.#kept.delete(id - maxKept);
    return id;
  }

  /** The error of this side that comes home; `undefined` when it is not kept, or none. */
  find(id: unknown): object | undefined {
    return typeof id === "number" ? this.#kept.get(id) : undefined;
  }

  /** Whether it is an error of this side that is kept. */
  has(error: unknown): boolean {
    for (const kept of this.#kept.values()) if (kept === error) return true;
    return false;
  }

  /** Notes what the peer calls an error of its own. */
  learn(error: object, id: unknown): void {
    if (typeof id === "number" && Number.isSafeInteger(id) && id >= 0) this.#known.set(error, id);
  }

  /** What the peer calls an error that came from it; `undefined` for any other. */
  idOf(error: object): number | undefined {
    return this.#known.get(error);
  }

  /** Nothing runs that could bring one back. */
  clear(): void {
    if (this.#kept.size > 0) this.#kept.clear();
  }
}
