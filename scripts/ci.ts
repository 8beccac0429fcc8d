// What .ci/run runs: every check, the tests on the three runtimes, the examples, and the guard over the benchmark.
// Goes on past a failing step, so that one run tells all.
import { staticSteps } from "./lib/static_steps.ts";
import { runSteps } from "./lib/steps.ts";
import { addTallies, formatTally } from "./lib/tally.ts";

const results = await runSteps([
  ...staticSteps,
  { name: "npm test", command: ["npm", "test"], counts: true },
  { name: "examples", command: ["node", "scripts/examples.ts"], counts: true },
  { name: "benchmark guard", command: ["node", "scripts/bench/guard.ts"], needs: "scripts/bench/guard.ts" },
]);
const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
if (failed.length > 0) process.stdout.write(`failed steps: ${failed.join(", ")}\n`);
process.stdout.write(`${formatTally(addTallies(results.flatMap(({ tally }) => tally ?? [])))}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
