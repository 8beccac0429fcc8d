import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncContext } from "./runtime.ts";

/** A value that follows the asynchronous flow, by AsyncLocalStorage. */
export function asyncContext<T>(): AsyncContext<T> {
  const storage = new AsyncLocalStorage<T>();
  return {
    get: () => storage.getStore(),
    run: (value, fn, ...args) => storage.run(value, () => fn(...args)),
  };
}
