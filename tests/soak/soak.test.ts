import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { promisify } from "node:util";
import { currentRuntime, runtimeNames } from "../support/runtimes.ts";
import { checkNothingLeft, collectingCommand, type SoakReport } from "./_soak.ts";

const script = new URL("../../scripts/soak/soak.ts", import.meta.url);
/** The long form is `scripts/soak/soak.ts` by itself. */
const moves = 6_000;
// The plugin runs on the next runtime, so that over the three all are met as host and as plugin.
const plugin = runtimeNames[(runtimeNames.indexOf(currentRuntime) + 1) % runtimeNames.length]!;

it(`${moves} calls of every kind at random leave nothing on either side, with a plugin on ${plugin}`, async () => {
  const options = ["--moves", String(moves), "--seconds", "60", "--plugin", plugin];
  const [file = "", ...args] = collectingCommand(currentRuntime, script, ...options);
  const { stdout } = await promisify(execFile)(file, args, { timeout: 120_000 });
  const report = JSON.parse(stdout) as SoakReport;
  assert.ok(report.moves > moves / 10, `${report.moves} moves in ${report.seconds} s`);
  checkNothingLeft(report);
});
