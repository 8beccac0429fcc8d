import { readFileSync } from "node:fs";

const ticksPerSecond = 100;

/**
 * CPU time a process has used so far, in µs, all its threads together; `undefined` where there is no `/proc`. Its
 * resolution is 10 ms, so that only sums over many rounds say something.
 */
export function cpuMicroseconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold blanks; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond;
  } catch {
    return undefined;
  }
}

/** Adds up the CPU time of two processes over what runs inside {@linkcode CpuMeter.during}. */
export class CpuMeter {
  readonly #pids: readonly [number, number];
  readonly #sums: [number, number] = [0, 0];
  #units = 0;

  /** @param pids The host's and the other side's. */
  constructor(pids: readonly [number, number]) {
    this.#pids = pids;
  }

  /** Runs it. @param units How many calls or bytes it is. */
  async during<T>(units: number, run: () => Promise<T>): Promise<T> {
    const before = this.#pids.map(cpuMicroseconds);
    const result = await run();
    const after = this.#pids.map(cpuMicroseconds);
    for (const side of [0, 1] as const) this.#sums[side] += (after[side] ?? 0) - (before[side] ?? 0);
    this.#units += units;
    return result;
  }

  /** µs per unit: host, other side. */
  get perUnit(): readonly [number, number] {
    return [this.#sums[0] / this.#units, this.#sums[1] / this.#units];
  }
}
