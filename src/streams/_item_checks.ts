import { Ring } from "../mux/mod.ts";
import { dropItem } from "./held_item.ts";

/** Checks items one after another: one whose check takes time holds back those after it. */
export class ItemChecks {
  readonly #check: (item: unknown, index: number) => unknown;
  readonly #passed: (item: unknown) => void;
  readonly #failed: (error: unknown) => void;
  readonly #waiting: Ring<unknown> = new Ring();
  #index = 0;
  #isBusy = false;
  #isOver = false;
  #then: (() => void) | undefined;

  /**
   * @param check Gives the item as it is to be passed on, or a promise of it; throws (or rejects) for one that is wrong.
   * @param failed Called once; nothing is passed on after it.
   */
  constructor(
    check: (item: unknown, index: number) => unknown,
    passed: (item: unknown) => void,
    failed: (error: unknown) => void,
  ) {
    this.#check = check;
    this.#passed = passed;
    this.#failed = failed;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  push(item: unknown): void {
    if (this.#isBusy) this.#waiting.push(item);
    else this.#begin(item);
  }

  /** Calls back when those pushed so far were passed on. Not called when one was wrong. */
  afterAll(callback: () => void): void {
    this.#then = callback;
  }

  /** Nobody takes what waits. */
  drop(): void {
    this.#isOver = true;
    while (this.#waiting.length > 0) dropItem(this.#waiting.shift());
  }

  #begin(item: unknown): void {
    if (this.#isOver) return dropItem(item);
    let checked: unknown;
    try {
      checked = this.#check(item, this.#index++);
    } catch (error) {
      return this.#fail(error);
    }
    if (!(checked instanceof Promise)) return this.#passed(checked);
    this.#isBusy = true;
    checked.then(
      (value) => this.#goOn(value),
      (error) => this.#fail(error),
    );
  }

  #goOn(value: unknown): void {
    this.#isBusy = false;
    this.#passed(value);
    while (!this.#isBusy && this.#waiting.length > 0) this.#begin(this.#waiting.shift());
    if (this.#isBusy) return;
    const then = this.#then;
    this.#then = undefined;
    then?.();
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.#isBusy = false;
    this.drop();
    this.#failed(error);
  }
}
