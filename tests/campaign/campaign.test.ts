import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { it } from "node:test";
import { promisify } from "node:util";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";
import type { CampaignReport } from "./_campaign.ts";

const script = new URL("../../scripts/campaign/campaign.ts", import.meta.url);
/** The long form is `scripts/campaign/campaign.ts` by itself. */
const launches = 60;
const skip = existsSync("/proc/self/environ") ? false : "needs /proc";

it(`${launches} launches with a fault each end in success or a typed error, and leave nothing`, { skip }, async () => {
  const [file = "", ...args] = runtimeCommand(
    currentRuntime,
    script,
    "--launches",
    String(launches),
    "--seconds",
    "60",
  );
  const { stdout } = await promisify(execFile)(file, args, { timeout: 150_000 });
  const report = JSON.parse(stdout) as CampaignReport;
  assert.ok(report.launches > launches / 3, `${report.launches} launches in ${report.seconds} s`);
  assert.deepEqual(report.wrong, []);
});
