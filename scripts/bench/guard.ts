// node scripts/bench/guard.ts: fails when calls or byte streams have become far slower than they are meant to be. What it
// allows is twice as slow as the targets, so that a busy machine does not trip it.
import { runtimes } from "../lib/repository.ts";
import { type CaseName, type Effort, isTime, type Result } from "./lib/result.ts";
import { runCases } from "./lib/run_cases.ts";

const targets: Partial<Record<CaseName, number>> = { call_p50: 1.5, calls_64: 0.7, byte_stream: 0.7 };
const slack = 2;
/** A figure that fails is measured again: a slow change stays slow, noise does not. */
const attempts = 3;

const effort: Effort = {
  rounds: 7,
  sequentialCalls: 500,
  concurrentCalls: 6_000,
  streamBytes: 32 << 20,
  launches: 0,
  idlePlugins: 0,
};

let failed = 0;
for (const runtime of runtimes) {
  let cases = new Set(Object.keys(targets) as CaseName[]);
  for (let attempt = 1; cases.size > 0 && attempt <= attempts; attempt++) {
    const missed = new Set<CaseName>();
    await runCases(runtime, cases, effort, (result) => {
      const target = targets[result.case]!;
      const good = isTime(result.unit) ? result.ratio! <= target * slack : result.ratio! >= target / slack;
      if (!good) missed.add(result.case);
      say(result, target, good);
    });
    cases = missed;
  }
  failed += cases.size;
}
process.exitCode = failed > 0 ? 1 : 0;

function say(result: Result, target: number, good: boolean): void {
  const figures = `${result.ratio!.toFixed(2)} of the floor (target ${target}, fails past ${isTime(result.unit) ? target * slack : target / slack})`;
  process.stdout.write(`${good ? "ok" : "too slow"} ${result.case} on ${result.runtime}: ${figures}\n`);
}
