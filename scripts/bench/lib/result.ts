import type { RuntimeName } from "../../lib/repository.ts";

/** Every case, in the order they are run. */
export const caseNames = [
  "call_p50",
  "call_p99",
  "calls_16",
  "calls_64",
  "calls_256",
  "byte_stream",
  "stream_values",
  "stream_bytes_argument",
  "validated_call",
  "callback_call",
  "pipelined_100",
  "launch_first_reply",
  "idle_plugin_heap",
] as const;

/** The name of one case. */
export type CaseName = (typeof caseNames)[number];

/** CPU time of host and other side, in µs per call (per value or MiB of a stream). */
export type CpuPair = readonly [number, number];

/** One figure. */
export interface Result {
  readonly case: CaseName;
  readonly runtime: RuntimeName;
  readonly value: number;
  readonly unit: "us" | "calls/s" | "values/s" | "MiB/s" | "ms" | "KiB";
  /** The same of the floor in the same run; `null` where there is none. */
  readonly floor: number | null;
  /** `value / floor`: better below 1 for times, above 1 for rates. */
  readonly ratio: number | null;
  /** Where it was measured: ours, then the floor's. Not part of `--json`. */
  readonly cpu?: { readonly ours: CpuPair; readonly floor: CpuPair };
}

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  /** Calls of one round, one after the other. */
  readonly sequentialCalls: number;
  /** Calls of one round, in flight together. */
  readonly concurrentCalls: number;
  /** Bytes of one round of a byte stream. */
  readonly streamBytes: number;
  /** Starts of a plugin. */
  readonly launches: number;
  /** Plugins that idle together. */
  readonly idlePlugins: number;
}

/** True when less of it is better. */
export function isTime(unit: Result["unit"]): boolean {
  return unit === "us" || unit === "ms";
}
