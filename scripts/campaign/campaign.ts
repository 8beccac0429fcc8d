// node scripts/campaign/campaign.ts [--seed N] [--launches N] [--seconds S] [--only FAULT]
// Launches plugins with a fault drawn for each: killed, stopped, starved, fed with garbage, on either side. Prints a report as one
// line of JSON; exits with 1 when a launch ended otherwise than in success or a typed error within its limits, or left something.
// Runs on Node, Deno (`deno run -A`) and Bun. Needs Linux.
import { parseArgs } from "node:util";
import { checkCampaign, playCampaign, withOwnTemp } from "../../tests/campaign/_campaign.ts";
import { currentRuntime } from "../../tests/support/runtimes.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    launches: { type: "string", default: "1000" },
    seconds: { type: "string", default: "3600" },
    only: { type: "string" },
  },
});
const report = await withOwnTemp(() =>
  playCampaign({
    seed: Number(values.seed),
    launches: Number(values.launches),
    seconds: Number(values.seconds),
    only: values.only,
  }),
);
console.log(JSON.stringify({ host: currentRuntime, ...report }));
checkCampaign(report);
