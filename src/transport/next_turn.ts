// Node, Deno and Bun have it, and it is several times quicker than a timer of 0 ms. Taken once, so that fake timers
// of a test do not stop a link.
const immediate: (callback: () => void) => unknown =
  (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate ??
  ((callback) => setTimeout(callback, 0));

/** Calls back once timers and sockets have had their turn. The process stays alive until then. */
export function onNextTurn(callback: () => void): void {
  immediate(callback);
}
