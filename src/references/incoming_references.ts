import type { Import, ImportTable } from "./import_table.ts";

/** The imports that one message brought. */
export class IncomingReferences<I extends object = object> {
  readonly #imports: ImportTable<I>;
  readonly #received: Import<I>[] = [];
  #isOver = false;

  constructor(imports: ImportTable<I>) {
    this.#imports = imports;
  }

  /** All of them. */
  get entries(): readonly Import<I>[] {
    return this.#received;
  }

  /** The message names an export of the peer. It is lent until {@linkcode IncomingReferences.giveBack}. */
  receive(id: number): Import<I> {
    const entry = this.#imports.receive(id);
    this.#imports.lend(entry);
    this.#received.push(entry);
    return entry;
  }

  /** They belong to this side, each until it is disposed of. @param own Called for each that was only lent so far. */
  keep(own: (entry: Import<I>) => void): void {
    for (const entry of this.#received) {
      if (entry.isOwned || !entry.isHeld) continue;
      entry.isOwned = true;
      own(entry);
    }
    this.giveBack();
  }

  /** What they were lent for is over. Idempotent. */
  giveBack(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const entry of this.#received) this.#imports.giveBack(entry);
  }
}
