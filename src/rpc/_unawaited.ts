import { callLog } from "./_call_log.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";

/** A promise that knows whether anybody has asked for what comes of it. */
class ObservedPromise<T> extends Promise<T> {
  isAwaited = false;

  /** What `then` gives is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is one of a promise
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isAwaited = true;
    return super.then(fulfilled, rejected);
  }
}

/**
 * What the call of a function gives. Callbacks are often called without waiting for them, so that one which fails then is
 * logged, where an ordinary promise would end the process.
 */
export function observed(target: OutgoingTarget, given: Promise<unknown>): Promise<unknown> {
  const promise = new ObservedPromise<unknown>((resolve, reject) => void given.then(resolve, reject));
  Promise.prototype.then.call(promise, undefined, (error: unknown) => {
    if (promise.isAwaited) return;
    const log = callLog(target.session.environment.log, `${target.contract}.${target.labelOf("")}`);
    log.warn("a callback failed, and nobody waits for it", { error: error instanceof Error ? error.message : error });
  });
  return promise;
}
