import { ErrorCode, PluginError } from "../errors/mod.ts";
import { Ring } from "../mux/mod.ts";

/** Options of {@linkcode subscription}. */
export interface SubscriptionOptions {
  /** Events that wait for a reader who is behind. Default 1,024. */
  readonly maxQueued?: number;
  /**
   * What happens to the next one then: `"fail"` ends the subscription with an error, once the reader has read those that
   * wait; `"dropOldest"` forgets the oldest of them. Default `"fail"`.
   */
  readonly whenFull?: "fail" | "dropOldest";
}

/** Gives an event to whoever reads the subscription. */
export type Push<T> = (event: T) => void;

/** Ends a subscription from the side of the events; with an error, whoever reads it fails with that. */
export type EndSubscription = (error?: unknown) => void;

/**
 * Makes an asynchronous iterable of events that come by callback, for an implementation to give away. It listens from now on, and
 * stops at once when its reader leaves the loop, gives up the call, or is gone, also while it waits for the next event;
 * an async generator would hear of that only at its next event. When the plugin is stopped it comes to its end: the reader's loop ends
 * without an error.
 *
 * @param subscribe Begins to listen, and gives what stops that again, which is called once, whoever ends it.
 * @param options How much may wait for a slow reader.
 * @returns What an implementation returns from a method, or passes as an argument.
 * @throws RangeError for `maxQueued` that is no whole number from 1.
 *
 * @example
 * ```ts
 * import { contract, subscription } from "@plugwire/plugwire";
 * const source = new EventTarget();
 * export const served = contract<{ changes(): AsyncIterable<string> }>("changes").implement({
 *   changes: () =>
 *     subscription<string>((push) => {
 *       const listener = (event: Event): void => push(event.type);
 *       source.addEventListener("change", listener);
 *       return () => source.removeEventListener("change", listener);
 *     }),
 * });
 * ```
 */
export function subscription<T>(
  subscribe: (push: Push<T>, end: EndSubscription) => () => void,
  options: SubscriptionOptions = {},
): AsyncIterableIterator<T, undefined> & AsyncDisposable {
  return new Subscription(subscribe, options);
}

/** Ends a value that is a subscription, as if its events had come to an end; does nothing to others. */
export function endSubscription(value: object): void {
  if (value instanceof Subscription) value.finish();
}

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

class Subscription<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #maxQueued: number;
  readonly #dropsOldest: boolean;
  readonly #events: Ring<T> = new Ring();
  readonly #waiting: Ring<Waiting<T>> = new Ring();
  #unsubscribe: (() => void) | undefined;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(subscribe: (push: Push<T>, end: EndSubscription) => () => void, options: SubscriptionOptions) {
    const { maxQueued = 1_024, whenFull = "fail" } = options;
    if (!Number.isSafeInteger(maxQueued) || maxQueued < 1) {
      throw new RangeError(`maxQueued of subscription() must be a whole number from 1, not ${maxQueued}`);
    }
    this.#maxQueued = maxQueued;
    this.#dropsOldest = whenFull === "dropOldest";
    const unsubscribe = subscribe(
      (event) => this.#push(event),
      (...given) => this.#end(given.length === 0 || given[0] === undefined ? undefined : { error: given[0] }),
    );
    // It may have ended within.
    if (this.#isOver) unsubscribe();
    else this.#unsubscribe = unsubscribe;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#events.length > 0) return Promise.resolve({ value: this.#events.shift() as T, done: false });
    if (!this.#isOver) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(failure.error);
  }

  finish(): void {
    this.#end(undefined);
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#events.clear();
    this.#end(undefined);
    this.#failure = undefined;
    return { value: undefined, done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #push(event: T): void {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ value: event, done: false });
    if (this.#events.length < this.#maxQueued) return this.#events.push(event);
    if (!this.#dropsOldest) {
      const text = `a reader fell behind by ${this.#maxQueued} events (maxQueued of subscription())`;
      return this.#end({ error: new PluginError(ErrorCode.limit, text) });
    }
    this.#events.shift();
    this.#events.push(event);
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      const first = this.#failure;
      this.#failure = undefined;
      if (first === undefined) waiting.resolve({ value: undefined, done: true });
      else waiting.reject(first.error);
    }
    // Last: what it throws is for whoever ended it, and must not leave a reader waiting.
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    unsubscribe?.();
  }
}
