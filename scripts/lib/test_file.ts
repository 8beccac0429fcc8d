import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type CaseResult, type FileReport, readBunReport, readDenoReport, readNodeReport } from "./reports.ts";
import { binary, type RuntimeName, root } from "./repository.ts";
import type { Sandbox, SandboxResult } from "./sandbox.ts";
import { findGroupSkipReason, findSkipReason } from "./skip_reason.ts";
import { findUncaught } from "./uncaught.ts";

/** What became of one test file on one runtime. */
export interface FileResult {
  readonly runtime: RuntimeName;
  readonly file: string;
  readonly cases: readonly CaseResult[];
  /** What the file printed. */
  readonly output: string;
  readonly durationMs: number;
}

/** Name of the case that stands for the file as a whole. */
const wholeFile = "(the file as a whole)";

/** How one runtime runs a file, and how its report is read. */
interface Runner {
  command(file: string, report: string): readonly string[];
  read(report: string): FileReport;
}

const runners: Readonly<Record<RuntimeName, Runner>> = {
  node: {
    // Without --test, which would only start one process more for the file.
    command: (file, report) => [
      binary("node"),
      `--test-reporter=${join(root, "scripts/lib/node_reporter.mjs")}`,
      `--test-reporter-destination=${report}`,
      file,
    ],
    read: readNodeReport,
  },
  deno: {
    command: (file, report) => [
      binary("deno"),
      "test",
      "-A",
      "--no-check",
      `--preload=${join(root, "scripts/lib/deno_preload.ts")}`,
      `--junit-path=${report}`,
      file,
    ],
    read: readDenoReport,
  },
  bun: {
    command: (file, report) => [
      binary("bun"),
      "test",
      "--timeout=60000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      `./${file}`,
    ],
    read: readBunReport,
  },
};

/** Runs one test file in a process of its own. */
export async function runTestFile(
  sandbox: Sandbox,
  runtime: RuntimeName,
  file: string,
  timeoutMs: number,
): Promise<FileResult> {
  const runner = runners[runtime];
  let report = "";
  const result = await sandbox.run((reports) => runner.command(file, join(reports, "report")), {
    timeoutMs,
    collect: (reports) => {
      const path = join(reports, "report");
      if (existsSync(path)) report = readFileSync(path, "utf8");
    },
  });
  const { cases: found, complete } = runner.read(report);
  const cases = found.map((one) => withReason(one, file));
  const trouble = describeTrouble(runtime, result, { cases, complete }, file, timeoutMs);
  return {
    runtime,
    file,
    cases: [...cases, ...trouble],
    output: stripVTControlCharacters(result.output),
    durationMs: result.durationMs,
  };
}

function withReason(found: CaseResult, file: string): CaseResult {
  if (found.outcome !== "skipped" || (found.detail !== "" && found.detail !== "TODO")) return found;
  return { ...found, detail: findSkipReason(join(root, file), found.name) };
}

function describeTrouble(
  runtime: RuntimeName,
  result: SandboxResult,
  { cases, complete }: FileReport,
  file: string,
  timeoutMs: number,
): CaseResult[] {
  const failed = (detail: string): CaseResult => ({ name: wholeFile, outcome: "failed", detail });
  if (result.timedOut) {
    return [failed(`killed after ${timeoutMs / 1_000} s: a test hangs, or something was left open`)];
  }
  if (result.leftovers.length > 0) return [failed(`left behind:\n${result.leftovers.join("\n")}`)];
  const uncaught = findUncaught(result.output);
  if (uncaught.length > 0) return [failed(uncaught.join("\n"))];
  const how = result.signal ?? `exit code ${result.code}`;
  // Bun leaves skipped groups out of its report, and then calls a file without tests a failure.
  const groupReason = findGroupSkipReason(join(root, file));
  if (cases.length === 0 && runtime === "bun" && groupReason !== "" && !/\berror\b/.test(result.output)) {
    return [{ name: wholeFile, outcome: "skipped", detail: groupReason }];
  }
  if (cases.length === 0) return [failed(`ran no test (${how})`)];
  if (!complete) return [failed(`the process ended before its tests did (${how})`)];
  if (result.code !== 0 && !cases.some(({ outcome }) => outcome === "failed")) {
    return [failed(`no test failed, but the process ended with ${how}`)];
  }
  return [];
}
