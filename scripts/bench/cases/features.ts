import { launch } from "../../../mod.ts";
import { CpuMeter } from "../lib/cpu.ts";
import type { CaseName, Effort, Result } from "../lib/result.ts";
import { currentRuntime } from "../lib/runtime_arguments.ts";
import { alternate, median } from "../lib/statistics.ts";
import { features, plain, someOrder, validated } from "../programs/features.ts";

type Call = () => Promise<unknown>;

const pipelined = 100;
const warmUpCalls = 5_000;

/** What a feature costs: a call with it, beside one without, of the same plugin and in the same rounds. */
export async function measureFeatures(wanted: ReadonlySet<CaseName>, effort: Effort): Promise<Result[]> {
  await using plugin = await launch(new URL("../programs/feature_plugin.ts", import.meta.url), { log: false });
  const [bare, checked, proxy] = [plugin.dispense(plain), plugin.dispense(validated), plugin.dispense(features)];
  const simple: Call = () => proxy.next();
  const cases: Partial<Record<CaseName, { readonly ours: Call; readonly floor: Call; readonly share?: number }>> = {
    validated_call: { ours: () => checked.place(someOrder), floor: () => bare.place(someOrder) },
    callback_call: { ours: () => proxy.ask((n) => n), floor: simple },
    pipelined_100: {
      ours: async () => {
        const answer = proxy.counter();
        const calls = Array.from({ length: pipelined }, () => answer.next());
        using _counter = await answer;
        await Promise.all(calls);
      },
      floor: simple,
      share: 0.05,
    },
  };
  const results: Result[] = [];
  for (const [name, { ours, floor, share = 1 }] of Object.entries(cases)) {
    if (!wanted.has(name as CaseName)) continue;
    const count = Math.ceil(effort.sequentialCalls * share);
    await oneByOne(ours, Math.ceil(warmUpCalls * share));
    await oneByOne(floor, warmUpCalls);
    const meters = { ours: new CpuMeter([process.pid, plugin.pid!]), floor: new CpuMeter([process.pid, plugin.pid!]) };
    const rounds = await alternate(
      effort.rounds,
      () => meters.floor.during(effort.sequentialCalls, () => oneByOne(floor, effort.sequentialCalls)),
      () => meters.ours.during(count, () => oneByOne(ours, count)),
    );
    const [value, base] = [median(rounds.ours), median(rounds.floor)];
    const cpu = { ours: meters.ours.perUnit, floor: meters.floor.perUnit };
    results.push({
      case: name as CaseName,
      runtime: currentRuntime,
      value,
      unit: "us",
      floor: base,
      ratio: value / base,
      cpu,
    });
  }
  return results;
}

/** @returns The middle time of one, in µs. */
async function oneByOne(call: Call, count: number): Promise<number> {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    await call();
    times[i] = performance.now() - from;
  }
  return median(times) * 1_000;
}
