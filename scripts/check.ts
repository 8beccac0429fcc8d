// npm run check: everything that is checked without running tests.
import { staticSteps } from "./lib/static_steps.ts";
import { runSteps } from "./lib/steps.ts";

const results = await runSteps(staticSteps);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
