interface Jsc {
  heapStats(): { readonly heapSize: number; readonly extraMemorySize: number };
}

/** Runs the collector. Node and Deno must have been started with `--expose-gc`. */
export async function collectGarbage(): Promise<void> {
  const globals = globalThis as { Bun?: { gc(sync: boolean): void }; gc?: () => void };
  if (globals.Bun !== undefined) return globals.Bun.gc(true);
  if (globals.gc === undefined) throw new Error("the collector is out of reach: start with --expose-gc");
  globals.gc();
}

/** Bytes in use on the heap, and in buffers outside of it. */
export async function heapBytes(): Promise<number> {
  if ("Bun" in globalThis) {
    const name = "bun:jsc";
    const { heapSize } = ((await import(name)) as Jsc).heapStats();
    return heapSize;
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
