// What .ci/run runs: every check, the tests on the three runtimes, the examples, and the guard over the benchmark.
// Goes on past a failing step, so that one run tells all.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./lib/repository.ts";
import { staticSteps } from "./lib/static_steps.ts";
import { runSteps } from "./lib/steps.ts";
import { addTallies, formatTally } from "./lib/tally.ts";

// What tests ask of Python beyond itself. Without it they are skipped, and say so.
const packages = join(root, "node_modules", ".cache", "python");
const pip = ["-m", "pip", "install", "--quiet", "--target", packages, "cbor2"];
if (spawnSync("python3", pip, { timeout: 120_000 }).status === 0) process.env.PYTHONPATH = packages;

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
