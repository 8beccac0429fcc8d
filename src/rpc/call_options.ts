import { checkCallOptions } from "./_check_call_options.ts";
import { type Imported, importedBehind } from "./imported.ts";

/** Options for the calls of a proxy. */
export interface CallOptions {
  /** Cancels its calls: they reject with the signal's reason, and the other side is told. */
  readonly signal?: AbortSignal;
  /** Time for each call in ms; then it rejects with code `timeout`. No limit by default. */
  readonly timeoutMs?: number;
  /** Plain data that the implementation reads from `callContext().metadata`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Makes a reference with other options; it keeps the first one alive, whose end is the end of all. */
function remakeReference(proxy: object, imported: Imported, options: CallOptions): object | undefined {
  const made = imported.remake?.(options);
  if (made !== undefined) {
    registerProxy(made, options, (changed) => remakeReference(proxy, imported, changed) ?? proxy);
  }
  return made;
}

type Remake = (options: CallOptions) => object;

const remakes = new WeakMap<object, { readonly options: CallOptions; readonly remake: Remake }>();

/** Registers how a proxy is made again with other options. */
export function registerProxy(proxy: object, options: CallOptions, remake: Remake): void {
  remakes.set(proxy, { options, remake });
}

/**
 * The same proxy, with options for its calls; they add to those it has.
 *
 * @param proxy What `dispense` gave, or a function or object of the other side.
 * @param options `signal`, `timeoutMs` (from 0), `metadata`.
 * @throws TypeError when it is no proxy, or for an option that does not exist or is of the wrong kind. @throws RangeError for a time
 * below 0.
 *
 * @example
 * ```ts
 * import { contract, inProcess, withOptions } from "@plugwire/plugwire";
 * const greeter = contract<{ greet(name: string): string }>("greeter");
 * await using plugin = await inProcess(greeter.implement({ greet: (name) => `Hello, ${name}!` }));
 * console.log(await withOptions(plugin.dispense(greeter), { timeoutMs: 1_000 }).greet("World"));
 * ```
 */
export function withOptions<T extends object>(proxy: T, options: CallOptions): T {
  checkCallOptions(options);
  const known = remakes.get(proxy);
  if (known !== undefined) return known.remake(merge(known.options, options)) as T;
  const imported = importedBehind(proxy);
  const made = imported === undefined ? undefined : remakeReference(proxy, imported, options);
  if (made === undefined)
    throw new TypeError("withOptions takes what dispense() gave, or a function or object of the other side");
  return made as T;
}

function merge(before: CallOptions, after: CallOptions): CallOptions {
  return {
    signal:
      before.signal && after.signal ? AbortSignal.any([before.signal, after.signal]) : (after.signal ?? before.signal),
    timeoutMs: after.timeoutMs ?? before.timeoutMs,
    metadata:
      before.metadata && after.metadata
        ? { ...before.metadata, ...after.metadata }
        : (after.metadata ?? before.metadata),
  };
}
