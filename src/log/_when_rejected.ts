/** Calls back when what a caller's function gave is a promise that rejects: such a function is meant to give nothing. */
export function whenRejected(result: unknown, onError: (error: unknown) => void): void {
  if (typeof result !== "object" || result === null || !("then" in result)) return;
  Promise.resolve(result).catch(onError);
}
