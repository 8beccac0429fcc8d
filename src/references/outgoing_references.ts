import type { Export, ExportTable } from "./export_table.ts";
import type { Import, ImportTable } from "./import_table.ts";

/** The tables of one side of a session. */
export interface ReferenceTables<E = unknown, I extends object = object> {
  readonly exports: ExportTable<E>;
  readonly imports: ImportTable<I>;
}

/**
 * The references that one message names, from its encoding until it has been sent, or given up: then the exports take their
 * counts back.
 */
export class OutgoingReferences<E = unknown, I extends object = object> {
  readonly #tables: ReferenceTables<E, I>;
  #exports: Export<E>[] = [];
  #homeward: Import<I>[] = [];
  #isSent = false;

  constructor(tables: ReferenceTables<E, I>) {
    this.#tables = tables;
  }

  /** What the message names of this side. */
  get exports(): readonly Export<E>[] {
    return this.#exports;
  }

  /** Names a value of this side. @throws PluginError `limit`. */
  export(value: object, facet: unknown): Export<E> {
    const entry = this.#tables.exports.add(value, facet);
    this.#exports.push(entry);
    return entry;
  }

  /** Names a value of the peer, which comes home. */
  sendHome(entry: Import<I>): void {
    this.#tables.imports.depart(entry);
    this.#homeward.push(entry);
  }

  /** The message was wholly sent. */
  sent(): void {
    if (this.#isSent) return;
    this.#isSent = true;
    for (const entry of this.#exports) entry.settled();
    this.#letHome();
  }

  /** The message is given up, unless it was sent. */
  giveUp(): void {
    if (!this.#isSent) this.takeBack();
  }

  /** The message never reached the peer, or was refused without being looked at. */
  takeBack(): void {
    const exports = this.#exports;
    this.#exports = [];
    for (const entry of exports) {
      this.#tables.exports.takeBack(entry);
      if (!this.#isSent) entry.settled();
    }
    this.#isSent = true;
    this.#letHome();
  }

  #letHome(): void {
    const homeward = this.#homeward;
    this.#homeward = [];
    for (const entry of homeward) this.#tables.imports.departed(entry);
  }
}
