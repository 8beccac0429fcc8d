/** Calls back on a signal of the system. */
export function onSignal(name: string, callback: () => void): () => void {
  const listener = (): void => callback();
  process.on(name as NodeJS.Signals, listener);
  return () => {
    process.off(name as NodeJS.Signals, listener);
  };
}

const atExit: Set<() => void> = new Set();

/** Runs all of them, whatever one of them throws: the process is ending, and nobody is left to tell. */
function exiting(): void {
  for (const callback of atExit) {
    try {
      callback();
    } catch {
      // The next one has as much right to clean up.
    }
  }
}

/**
 * Calls back, synchronously, when this process exits on its own terms. One listener for all: past ten of them a
 * runtime warns of a leak.
 */
export function onExit(callback: () => void): () => void {
  const own = (): void => callback();
  if (atExit.size === 0) process.on("exit", exiting);
  atExit.add(own);
  return () => {
    if (atExit.delete(own) && atExit.size === 0) process.off("exit", exiting);
  };
}
