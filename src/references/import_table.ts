import { ErrorCode, PluginError } from "../errors/mod.ts";

/** Why an import cannot be used any more. */
export type ImportEnd = "returned" | "disposed" | "unclaimed";

/** A value of the peer that this side holds a reference to. */
export class Import<Content extends object = object> {
  /** The peer's number for it. */
  readonly id: number;
  /** How often it was received. */
  count = 0;
  /** Messages that name it as coming home, or that call it, encoded and not yet sent. */
  transit = 0;
  /** Calls under way that it was lent to. */
  loans = 0;
  /** Belongs to this side until it is disposed of, not only while a call lasts. */
  isOwned = false;
  /** Why it is not held any more. */
  end: ImportEnd | undefined;
  /** What stands for it here. */
  content: Content | undefined;

  constructor(id: number) {
    this.id = id;
  }

  get isHeld(): boolean {
    return this.end === undefined;
  }
}

/** What happens to imports. */
export interface ImportHandler<Content extends object> {
  /** The peer is to be told that this side has no more use for what it received so often. */
  release(id: number, times: number): void;
  /** It cannot be used from now on. */
  ended(entry: Import<Content>): void;
}

/**
 * What this side holds of the peer. What was received is given back once, with its number, when it is not held any more
 * and nothing that names it waits to be sent. PROTOCOL.md §8.6.
 */
export class ImportTable<Content extends object = object> {
  /** How many this side takes. */
  readonly max: number;
  readonly #handler: ImportHandler<Content>;
  readonly #byId: Map<number, Import<Content>> = new Map();
  /** Held no longer, and not yet released. */
  readonly #leaving: Set<Import<Content>> = new Set();

  constructor(max: number, handler: ImportHandler<Content>) {
    this.max = max;
    this.#handler = handler;
  }

  /** Those that are not released yet. */
  get size(): number {
    return this.#byId.size + this.#leaving.size;
  }

  get(id: number): Import<Content> | undefined {
    return this.#byId.get(id);
  }

  /**
   * A message that arrived names an export of the peer.
   *
   * @returns The import, the same one while it is held; without content when it is new.
   * @throws PluginError `limit` when the peer gives more than it was told are taken.
   */
  receive(id: number): Import<Content> {
    let entry = this.#byId.get(id);
    if (entry === undefined) {
      if (this.size >= this.max) {
        const text = `the peer gave more than ${this.max} references at once (limits.maxReferences)`;
        throw new PluginError(ErrorCode.limit, text);
      }
      entry = new Import(id);
      this.#byId.set(id, entry);
    }
    entry.count++;
    return entry;
  }

  /** A message that nobody takes names an export of the peer. */
  discard(id: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) this.#handler.release(id, 1);
    else entry.count++;
  }

  /** It is lent to a call that begins. */
  lend(entry: Import<Content>): void {
    entry.loans++;
  }

  /** A call that it was lent to is over. */
  giveBack(entry: Import<Content>): void {
    entry.loans--;
    if (entry.loans === 0 && !entry.isOwned) this.finish(entry, "returned");
  }

  /** It is not used any more. Idempotent. */
  finish(entry: Import<Content>, end: ImportEnd): void {
    if (!entry.isHeld) return;
    entry.end = end;
    if (this.#byId.get(entry.id) === entry) this.#byId.delete(entry.id);
    this.#handler.ended(entry);
    if (entry.transit === 0) return this.#handler.release(entry.id, entry.count);
    this.#leaving.add(entry);
  }

  /** A message that names it, or calls it, was encoded. */
  depart(entry: Import<Content>): void {
    entry.transit++;
  }

  /** That message was wholly sent, or given up. */
  departed(entry: Import<Content>): void {
    entry.transit--;
    if (entry.transit === 0 && this.#leaving.delete(entry)) this.#handler.release(entry.id, entry.count);
  }

  /** All that are held. */
  values(): Iterable<Import<Content>> {
    return this.#byId.values();
  }

  /** The session is over: nothing is left to be released. */
  clear(): void {
    this.#byId.clear();
    this.#leaving.clear();
  }
}
