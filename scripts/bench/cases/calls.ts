import { launch } from "../../../mod.ts";
import { type Floor, openFloor } from "../floor.ts";
import { CpuMeter } from "../lib/cpu.ts";
import type { CaseName, Effort, Result } from "../lib/result.ts";
import { currentRuntime } from "../lib/runtime_arguments.ts";
import { alternate, median, quantile } from "../lib/statistics.ts";
import { greeter } from "../programs/greeter.ts";

type Call = () => Promise<unknown>;

interface Side {
  readonly call: Call;
  readonly pid: number;
}

const inFlight = { calls_16: 16, calls_64: 64, calls_256: 256 } as const;
const warmUpCalls = 5_000;
const warmUpConcurrent = 30_000;

/** Calls of the floor and of a plugin, one at a time and many together. */
export async function measureCalls(wanted: ReadonlySet<CaseName>, effort: Effort): Promise<Result[]> {
  const floor = await openFloor();
  await using plugin = await launch(new URL("../programs/plugin.ts", import.meta.url));
  const proxy = plugin.dispense(greeter);
  const sides = {
    floor: { call: () => floor.call("greeter.greet", ["World"]), pid: floor.pid },
    ours: { call: () => proxy.greet("World"), pid: plugin.pid! },
  };
  try {
    return await measure(sides, wanted, effort);
  } finally {
    (floor as Floor).close();
  }
}

async function measure(
  { floor, ours }: { readonly floor: Side; readonly ours: Side },
  wanted: ReadonlySet<CaseName>,
  effort: Effort,
): Promise<Result[]> {
  for (const { call } of [floor, ours]) {
    await oneByOne(call, warmUpCalls);
    await together(call, warmUpConcurrent, 64);
  }
  const results: Result[] = [];
  if (wanted.has("call_p50") || wanted.has("call_p99")) {
    const count = effort.sequentialCalls;
    const meters = metersOf(floor, ours);
    const rounds = await alternate(
      effort.rounds,
      () => meters.floor.during(count, () => oneByOne(floor.call, count)),
      () => meters.ours.during(count, () => oneByOne(ours.call, count)),
    );
    const cpu = { ours: meters.ours.perUnit, floor: meters.floor.perUnit };
    for (const [name, share] of [
      ["call_p50", 0.5],
      ["call_p99", 0.99],
    ] as const) {
      if (!wanted.has(name)) continue;
      const value = median(rounds.ours.map((times) => quantile(times, share))) * 1_000;
      const base = median(rounds.floor.map((times) => quantile(times, share))) * 1_000;
      results.push({ case: name, runtime: currentRuntime, value, unit: "us", floor: base, ratio: value / base, cpu });
    }
  }
  for (const [name, width] of Object.entries(inFlight) as [keyof typeof inFlight, number][]) {
    if (!wanted.has(name)) continue;
    const count = effort.concurrentCalls;
    const meters = metersOf(floor, ours);
    const rounds = await alternate(
      effort.rounds,
      () => meters.floor.during(count, () => together(floor.call, count, width)),
      () => meters.ours.during(count, () => together(ours.call, count, width)),
    );
    const cpu = { ours: meters.ours.perUnit, floor: meters.floor.perUnit };
    const value = median(rounds.ours);
    const base = median(rounds.floor);
    results.push({
      case: name,
      runtime: currentRuntime,
      value,
      unit: "calls/s",
      floor: base,
      ratio: value / base,
      cpu,
    });
  }
  return results;
}

function metersOf(floor: Side, ours: Side): { floor: CpuMeter; ours: CpuMeter } {
  return { floor: new CpuMeter([process.pid, floor.pid]), ours: new CpuMeter([process.pid, ours.pid]) };
}

/** @returns The time of each, in ms. */
async function oneByOne(call: Call, count: number): Promise<Float64Array> {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    await call();
    times[i] = performance.now() - from;
  }
  return times;
}

/** @returns Calls a second. */
async function together(call: Call, count: number, width: number): Promise<number> {
  const each = Math.ceil(count / width);
  const from = performance.now();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = 0; i < each; i++) await call();
    }),
  );
  return (each * width * 1_000) / (performance.now() - from);
}
