/** What a message brought that is given back, or kept. */
export interface ItemReferences {
  own(): void;
  giveBack(): void;
}

/** An item that names references, until it is taken: then they belong to the reader. */
export class HeldItem {
  readonly value: unknown;
  readonly #references: ItemReferences;

  constructor(value: unknown, references: ItemReferences) {
    this.value = value;
    this.#references = references;
  }

  /** Somebody reads it. */
  take(): unknown {
    this.#references.own();
    return this.value;
  }

  /** Nobody will. */
  drop(): void {
    this.#references.giveBack();
  }

  /** The same with what a check made of the value. */
  with(value: unknown): HeldItem {
    return new HeldItem(value, this.#references);
  }
}

/** Checks an item by its value. @returns It as it was checked, or a promise of that. */
export function checkHeld(item: unknown, index: number, check: (item: unknown, index: number) => unknown): unknown {
  if (!(item instanceof HeldItem)) return check(item, index);
  try {
    const checked = check(item.value, index);
    if (!(checked instanceof Promise)) return item.with(checked);
    return checked.then(
      (value) => item.with(value),
      (error) => {
        item.drop();
        throw error;
      },
    );
  } catch (error) {
    item.drop();
    throw error;
  }
}

/** Gives back what an item names that nobody takes. */
export function dropItem(item: unknown): void {
  if (item instanceof HeldItem) item.drop();
}
