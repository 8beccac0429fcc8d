// node scripts/bench/guard.ts: fails when calls or byte streams have become far slower than they are meant to be. What it
// allows is so much more that a busy machine does not trip it.
import { runtimes } from "../lib/repository.ts";
import { type CaseName, type Effort, isTime, type Result } from "./lib/result.ts";
import { runCases } from "./lib/run_cases.ts";

interface Bound {
  readonly target: number;
  readonly failsPast: number;
}

const bounds: Partial<Record<CaseName, Bound>> = {
  call_p50: { target: 1.5, failsPast: 3 },
  calls_64: { target: 0.7, failsPast: 0.35 },
  // Beside other work a byte stream was seen at 0.26.
  byte_stream: { target: 0.7, failsPast: 0.15 },
  stream_values: { target: 0.2, failsPast: 0.04 },
  stream_bytes_argument: { target: 0.9, failsPast: 0.3 },
  validated_call: { target: 1.3, failsPast: 2.6 },
  callback_call: { target: 2.5, failsPast: 5 },
};
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
  let cases = new Set(Object.keys(bounds) as CaseName[]);
  for (let attempt = 1; cases.size > 0 && attempt <= attempts; attempt++) {
    const missed = new Set<CaseName>();
    await runCases(runtime, cases, effort, (result) => {
      const bound = bounds[result.case]!;
      const ratio = result.ratio!;
      const good = isTime(result.unit) ? ratio <= bound.failsPast : ratio >= bound.failsPast;
      if (!good) missed.add(result.case);
      say(result, bound, good);
    });
    cases = missed;
  }
  failed += cases.size;
}
process.exitCode = failed > 0 ? 1 : 0;

function say(result: Result, { target, failsPast }: Bound, good: boolean): void {
  const figures = `${result.ratio!.toFixed(2)} of the floor (target ${target}, fails past ${failsPast})`;
  process.stdout.write(`${good ? "ok" : "too slow"} ${result.case} on ${result.runtime}: ${figures}\n`);
}
