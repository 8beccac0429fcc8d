/** Calls back on a signal of the system. */
export function onSignal(name: string, callback: () => void): () => void {
  const listener = (): void => callback();
  process.on(name as NodeJS.Signals, listener);
  return () => {
    process.off(name as NodeJS.Signals, listener);
  };
}

/** Calls back, synchronously, when this process exits on its own terms. */
export function onExit(callback: () => void): () => void {
  const listener = (): void => callback();
  process.on("exit", listener);
  return () => {
    process.off("exit", listener);
  };
}
