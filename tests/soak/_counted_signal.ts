/** A signal that is never aborted and knows how many listen to it. */
export interface CountedSignal {
  readonly signal: AbortSignal;
  readonly listeners: number;
}

/** Makes one. What is told once, or by another signal, counts until it is taken away. */
export function countedSignal(): CountedSignal {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.defineProperties(signal, {
    addEventListener: {
      value(...args: Parameters<AbortSignal["addEventListener"]>): void {
        listeners++;
        addEventListener.apply(signal, args);
      },
    },
    removeEventListener: {
      value(...args: Parameters<AbortSignal["removeEventListener"]>): void {
        listeners--;
        removeEventListener.apply(signal, args);
      },
    },
  });
  return {
    signal,
    get listeners() {
      return listeners;
    },
  };
}
