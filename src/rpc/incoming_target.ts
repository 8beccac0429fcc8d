import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import type { BoundMethod } from "./bound_method.ts";
import type { IncomingCall } from "./incoming_call.ts";

/**
 * Something of this side that the peer calls, and its calls in the order they were made. A call whose arguments are still
 * being checked holds back those after it. PROTOCOL.md §8.5.
 */
export abstract class IncomingTarget {
  /** Name of the contract, for errors and call contexts. */
  abstract readonly contract: string;
  #failure: { readonly error: unknown } | undefined;
  #isBusy = false;
  /** A set, so that a call that is given up leaves it at once. */
  #queue: Set<IncomingCall> | undefined;

  /** Why there is nothing to be called. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  abstract get methodNames(): readonly string[];

  abstract method(name: string): BoundMethod | undefined;

  /** For a call of a method that it does not have. */
  noSuchMethod(name: string): PluginError {
    const text = `contract ${this.contract} has no method ${JSON.stringify(name)}${hint(name, this.methodNames)}`;
    return new PluginError(ErrorCode.noSuchMethod, text);
  }

  /** What a method is called in errors and call contexts. */
  labelOf(method: string): string {
    return method;
  }

  /** The peer makes no more calls of it. */
  dropped(): void {}

  /** Starts a call after those before it. */
  admit(call: IncomingCall): void {
    if (this.#isBusy) {
      this.#queue ??= new Set();
      this.#queue.add(call);
      return;
    }
    const pending = this.start(call);
    if (pending !== undefined) this.wait(pending);
  }

  /** A call that waits was given up. */
  withdraw(call: IncomingCall): void {
    this.#queue?.delete(call);
  }

  /** Begins with a call. @returns A promise while those after it must wait. */
  protected start(call: IncomingCall): Promise<void> | undefined {
    return call.begin(this);
  }

  protected fail(error: unknown): void {
    this.#failure = { error };
  }

  /** Holds calls back until this has settled. */
  protected wait(pending: Promise<void>): void {
    this.#isBusy = true;
    const go = (): void => {
      this.#isBusy = false;
      for (const call of this.#queue ?? []) {
        if (this.#isBusy) return;
        this.#queue?.delete(call);
        this.admit(call);
      }
    };
    pending.then(go, (error) => {
      this.fail(error);
      go();
    });
  }
}
