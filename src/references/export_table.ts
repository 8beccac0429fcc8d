import { ErrorCode, PluginError } from "../errors/mod.ts";

/** A value of this side that the peer holds a reference to. */
export class Export<Content = unknown> {
  /** What messages call it. */
  readonly id: number;
  readonly value: object;
  /** What else tells it from other exports of the same value: how it may be used. */
  readonly facet: unknown;
  /** What the owner of the table keeps with it. */
  content: Content | undefined;
  /** How often it was encoded, less what was released or taken back. */
  count = 0;
  /** Called once every message that names it has been sent, if the peer holds it then. */
  whenSent: (() => void) | undefined;
  /** The next export of the same value. */
  next: Export<Content> | undefined;
  #unsent = 0;

  constructor(id: number, value: object, facet: unknown) {
    this.id = id;
    this.value = value;
    this.facet = facet;
  }

  /** True while a message that names it waits to be sent. */
  get isUnsent(): boolean {
    return this.#unsent > 0;
  }

  /** A message that names it was encoded. */
  encoded(): void {
    this.count++;
    this.#unsent++;
  }

  /** A message that names it was wholly sent, or given up. */
  settled(): void {
    this.#unsent--;
    if (this.#unsent > 0) return;
    const then = this.whenSent;
    this.whenSent = undefined;
    if (this.count > 0) then?.();
  }
}

/**
 * What the peer holds of this side. Each encoding of an export adds one to its count; the peer releases it with the
 * number that it received. PROTOCOL.md §8.6.
 */
export class ExportTable<Content = unknown> {
  /** How many exports the peer may hold. */
  max: number;
  readonly #removed: (entry: Export<Content>) => void;
  readonly #byId: Map<number, Export<Content>> = new Map();
  readonly #byValue: Map<object, Export<Content>> = new Map();
  #nextId = 0;

  /**
   * @param max How many the peer may hold at once.
   * @param removed Called when the peer holds one no longer.
   */
  constructor(max: number, removed: (entry: Export<Content>) => void = () => {}) {
    this.max = max;
    this.#removed = removed;
  }

  get size(): number {
    return this.#byId.size;
  }

  /**
   * Names a value in a message that is being encoded.
   *
   * @param facet What it is exported as: the same value under another one is another export.
   * @throws PluginError `limit` when the peer holds too many.
   */
  add(value: object, facet: unknown): Export<Content> {
    let entry = this.find(value, facet);
    if (entry === undefined) {
      this.#checkRoom();
      // Numbers are not used again: one that is out of date must not name something else.
      entry = new Export(this.#nextId++, value, facet);
      entry.next = this.#byValue.get(value);
      this.#byId.set(entry.id, entry);
      this.#byValue.set(value, entry);
    }
    entry.encoded();
    return entry;
  }

  /** What a number of the peer stands for. */
  get(id: number): Export<Content> | undefined {
    return this.#byId.get(id);
  }

  /** The peer gives back what it received. @throws PluginError `protocol` for more than it was given. */
  release(id: number, times: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined || times > entry.count) {
      const held = entry?.count ?? 0;
      const text = `the peer released reference ${id} ${times} times, which it was given ${held} times`;
      throw new PluginError(ErrorCode.protocol, text);
    }
    this.#subtract(entry, times);
  }

  /** A message that names it never reached the peer. */
  takeBack(entry: Export<Content>): void {
    if (this.#byId.get(entry.id) === entry) this.#subtract(entry, 1);
  }

  /** A value that the peer holds, as what it was given. */
  find(value: object, facet: unknown): Export<Content> | undefined {
    let entry = this.#byValue.get(value);
    while (entry !== undefined && entry.facet !== facet) entry = entry.next;
    return entry;
  }

  /** True for a value that the peer holds. */
  has(value: object): boolean {
    return this.#byValue.has(value);
  }

  /** All that are there. */
  values(): Iterable<Export<Content>> {
    return this.#byId.values();
  }

  /** The session is over: nobody holds anything. */
  clear(): void {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    this.#byValue.clear();
    for (const entry of all) this.#removed(entry);
  }

  #subtract(entry: Export<Content>, times: number): void {
    entry.count -= times;
    if (entry.count > 0) return;
    this.#byId.delete(entry.id);
    this.#unlink(entry);
    this.#removed(entry);
  }

  #unlink(entry: Export<Content>): void {
    const first = this.#byValue.get(entry.value);
    if (first !== entry) {
      let before = first;
      while (before !== undefined && before.next !== entry) before = before.next;
      if (before !== undefined) before.next = entry.next;
    } else if (entry.next === undefined) this.#byValue.delete(entry.value);
    else this.#byValue.set(entry.value, entry.next);
  }

  #checkRoom(): void {
    if (this.#byId.size < this.max) return;
    const text = `the other side holds ${this.max} references, no more can be given (limits.maxReferences); it should let go of those it has no use for, with using, and retain only what it needs`;
    throw new PluginError(ErrorCode.limit, text);
  }
}
