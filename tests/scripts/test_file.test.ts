import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { type RuntimeName, runtimes } from "../../scripts/lib/repository.ts";
import { Sandbox } from "../../scripts/lib/sandbox.ts";
import { runTestFile } from "../../scripts/lib/test_file.ts";
import { scriptsSkip } from "../support/scripts_skip.ts";

const sandbox = new Sandbox();
after(() => sandbox.close());

async function failuresOf(runtime: RuntimeName, fixture: string, timeoutMs = 60_000): Promise<string> {
  const result = await runTestFile(sandbox, runtime, `tests/fixtures/runner/${fixture}.ts`, timeoutMs);
  const failed = result.cases.filter(({ outcome }) => outcome === "failed");
  return failed.map(({ name, detail }) => `${name}: ${detail}`).join("\n");
}

for (const runtime of runtimes) {
  describe(`a test file on ${runtime}`, () => {
    it("counts each leaf once, with errors and reasons", { skip: scriptsSkip }, async () => {
      const { cases } = await runTestFile(sandbox, runtime, "tests/fixtures/runner/mixed.ts", 60_000);
      const summary = cases.map(({ name, outcome, detail }) =>
        outcome === "failed" ? `failed ${name}` : `${outcome} ${name}${detail && ` (${detail})`}`,
      );
      assert.deepEqual(summary.toSorted(), [
        "failed fails",
        "failed group > fails",
        "passed group > inner > passes",
        "passed group > passes",
        "passed passes",
        "skipped group > is skipped (within the group)",
        "skipped is skipped by a name (named elsewhere)",
        "skipped is skipped by an option (the option says so)",
        "skipped is skipped for 1 (a number of the table)",
        "skipped is skipped for 2 (a number of the table)",
      ]);
      assert.match(cases.find(({ name }) => name === "group > fails")?.detail ?? "", /boom/);
    });

    it("fails when something is thrown after its test", { skip: scriptsSkip }, async () => {
      const failures = await failuresOf(runtime, "throws_late");
      assert.match(failures, /rejected late/);
      assert.match(failures, /thrown late/);
    });

    it("fails when the file throws on load", { skip: scriptsSkip }, async () => {
      assert.notEqual(await failuresOf(runtime, "throws_on_load"), "");
    });

    it("fails when the process ends before its tests", { skip: scriptsSkip }, async () => {
      assert.notEqual(await failuresOf(runtime, "exits_early"), "");
    });

    it("fails when its time is up", { skip: scriptsSkip }, async () => {
      assert.match(await failuresOf(runtime, "never_ends", 1_500), /killed after 1.5 s/);
    });

    it("fails for processes and files left behind", { skip: scriptsSkip || linuxSkip() }, async () => {
      const failures = await failuresOf(runtime, "leaves_things");
      assert.match(failures, /process \d+: .*sleep 1000/);
      assert.match(failures, /process \d+: .*sleep 1001/);
      assert.match(failures, /file plugwire-left/);
    });
  });
}

function linuxSkip(): string | false {
  return process.platform === "linux" ? false : "looks for processes in /proc";
}
