import { launch, type Plugin } from "../../../mod.ts";
import { collectGarbage, heapBytes } from "../lib/heap.ts";
import type { Effort, Result } from "../lib/result.ts";
import { currentRuntime } from "../lib/runtime_arguments.ts";
import { greeter } from "../programs/greeter.ts";

const warmUpPlugins = 2;

/** What a plugin that nobody calls costs its host: heap and buffers, after collection. There is no floor for it. */
export async function measureIdleHeap(effort: Effort): Promise<Result[]> {
  const plugins: Plugin[] = [];
  const add = async (): Promise<void> => {
    const plugin = await launch(new URL("../programs/plugin.ts", import.meta.url));
    plugins.push(plugin);
    await plugin.dispense(greeter).greet("World");
  };
  try {
    for (let i = 0; i < warmUpPlugins; i++) await add();
    const before = await settledHeap();
    for (let i = 0; i < effort.idlePlugins; i++) await add();
    const value = ((await settledHeap()) - before) / effort.idlePlugins / 1_024;
    return [{ case: "idle_plugin_heap", runtime: currentRuntime, value, unit: "KiB", floor: null, ratio: null }];
  } finally {
    await Promise.all(plugins.map((plugin) => plugin.stop()));
  }
}

/** Weak references and finalizers want turns of the event loop between collections. */
async function settledHeap(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return await heapBytes();
}
