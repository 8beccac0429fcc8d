/** A call on its way through interceptors: one object for all of them. */
export interface InterceptedCall {
  /** `"out"`: this side makes it; `"in"`: the other side made it, and an implementation here answers. */
  readonly direction: "out" | "in";
  /** Name of the contract. */
  readonly contract: string;
  /** Name of the method; for what crossed by reference after the call that brought it: `each(callback)`, `table().count`. */
  readonly method: string;
  /**
   * The arguments. Another array may be put in its place before `next()`. Of a call in they have been checked; of a call out they
   * are encoded by `next()`.
   */
  args: readonly unknown[];
  /**
   * What travels beside the arguments, as plain data. Of a call out it is this call's own copy, and what is in it at `next()` is
   * sent; of a call in it is what the caller sent, and what the implementation then reads from `callContext().metadata`.
   */
  readonly metadata: Record<string, unknown>;
  /** Aborted when the caller gives the call up, its deadline passes, or the session ends. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, in ms since 1970; `undefined` without a deadline. */
  readonly deadline: number | undefined;
  /** The other side as errors call it: `plugin greeter`, `the host`. */
  readonly peer: string;
  /** Name of the plugin that the other side is; `undefined` for the host. */
  readonly plugin: string | undefined;
  /** Whether its contract says that it may run twice. */
  readonly idempotent: boolean;
}

/**
 * Stands around every call of a session: those this side makes and those it answers, callbacks and calls on references
 * among them. The first of a list is the outermost.
 *
 * - `next()` goes on with the call and gives its result; what the interceptor returns is what its caller gets, and what it throws
 *   is thrown there.
 * - Not to call `next()` refuses the call, or answers in its place. A `PluginError` with code `refused` that is thrown instead of
 *   calling it tells the caller that nothing ran (`execution` is `"none"`).
 * - `next()` may be called again once the one before has settled: of a call out that sends it again, of a call in the
 *   implementation runs again. That is for calls whose error says `execution: "none"` and for those that are `idempotent`.
 * - Calls of one proxy start in the order they were made, whatever interceptors do: one that waits before `next()` holds
 *   back those after it. Calls that an interceptor makes itself are not held back by its own, and go through the
 *   interceptors too.
 * - A cancelled call rejects with the reason at once, and one past its deadline with `timeout`: no interceptor can keep the
 *   caller waiting, nor send anything after that.
 *
 * @example
 * ```ts
 * import { contract, inProcess, type Interceptor } from "@plugwire/plugwire";
 * const timed: Interceptor = async (call, next) => {
 *   const start = performance.now();
 *   try {
 *     return await next();
 *   } finally {
 *     console.log(`${call.contract}.${call.method}: ${(performance.now() - start).toFixed(1)} ms`);
 *   }
 * };
 * const greeter = contract<{ greet(name: string): string }>("greeter");
 * const served = [greeter.implement({ greet: (name) => `Hello, ${name}!` })];
 * await using plugin = await inProcess(served, { interceptors: [timed] });
 * await plugin.dispense(greeter).greet("World");
 * ```
 */
export type Interceptor = (call: InterceptedCall, next: () => Promise<unknown>) => unknown;

/** For a second `next()` while the first goes on, or after all is over. */
function misused(call: InterceptedCall, why: string): Promise<never> {
  const where = call.method === "" ? call.contract : `${call.contract}.${call.method}`;
  const refused = Promise.reject(new TypeError(`an interceptor of ${where} called next() ${why}`));
  // It may be awaited only after the first one has settled; until then nobody hears of it, which must not end the process.
  refused.catch(() => {});
  return refused;
}

/**
 * Runs a call through interceptors.
 *
 * @param last Goes on with the call; may be called several times, never while an earlier one goes on.
 */
export function runChain(
  interceptors: readonly Interceptor[],
  call: InterceptedCall,
  last: () => Promise<unknown>,
): Promise<unknown> {
  const step = (index: number): Promise<unknown> => {
    const interceptor = interceptors[index];
    if (interceptor === undefined) return last();
    let isRunning = false;
    let isOver = false;
    const next = (): Promise<unknown> => {
      if (isRunning) return misused(call, "while the one before goes on");
      if (isOver) return misused(call, "after it had ended");
      isRunning = true;
      const result = step(index + 1);
      const ended = (): void => {
        isRunning = false;
      };
      // An interceptor may leave it unawaited and answer otherwise; that must not end the process.
      result.then(ended, ended);
      return result;
    };
    return entered(interceptor, call, next).finally(() => {
      isOver = true;
    });
  };
  return step(0);
}

async function entered(
  interceptor: Interceptor,
  call: InterceptedCall,
  next: () => Promise<unknown>,
): Promise<unknown> {
  return await interceptor(call, next);
}
