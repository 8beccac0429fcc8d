import { collectGarbage, heapBytes } from "../../scripts/bench/lib/heap.ts";
import type { RpcSession } from "../../src/rpc/mod.ts";
import { deadlinesSet } from "../rpc/_sessions.ts";
import type { Left } from "./_contracts.ts";
import type { CountedSignal } from "./_counted_signal.ts";

/** Counts what a side has left, once the collector has run. */
export async function countLeft(session: RpcSession, { listeners }: CountedSignal): Promise<Left> {
  await collectGarbage();
  // What was collected is told of in a turn of its own.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await collectGarbage();
  const { getActiveResourcesInfo } = process as { getActiveResourcesInfo?: () => string[] };
  const timers = getActiveResourcesInfo?.().filter((name) => name === "Timeout").length ?? 0;
  return { ...session.counts, deadlines: deadlinesSet(), listeners, timers, heapBytes: await heapBytes() };
}
