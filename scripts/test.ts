// npm test [-- options] [filter…]: runs every tests/**/*.test.ts on Node, Deno and Bun, each file in a process of its
// own, and fails when a test fails, a runtime ran none, or a process or file is left behind.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { canFindProcesses } from "./lib/leftovers.ts";
import { binary, type RuntimeName, runtimes } from "./lib/repository.ts";
import { Sandbox } from "./lib/sandbox.ts";
import { addTallies, formatTally, type Tally } from "./lib/tally.ts";
import { type FileResult, runTestFile } from "./lib/test_file.ts";
import { findTestFiles } from "./lib/test_files.ts";

const help = `npm test [-- options] [filter…]

Runs tests/**/*.test.ts whose path contains one of the filters, on Node, Deno and Bun.

  --runtime NAME   only on this runtime (node, deno or bun); may be repeated
  --jobs N         files at a time (default: one per processor)
  --file-timeout S seconds a file may take (default 180)
  --timeout S      seconds a runtime may take in all (default 380)
  --json           one JSON line per test, and one with the sums
  --verbose        names every file as it ends
`;

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", multiple: true },
    jobs: { type: "string", default: String(availableParallelism()) },
    "file-timeout": { type: "string", default: "180" },
    timeout: { type: "string", default: "380" },
    json: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function chosenRuntimes(): RuntimeName[] {
  const names = options.runtime ?? [];
  const unknown = names.find((name) => !runtimes.some((runtime) => runtime === name));
  if (unknown !== undefined) throw new Error(`no such runtime: ${unknown}; there are ${runtimes.join(", ")}`);
  return runtimes.filter((runtime) => names.length === 0 || names.includes(runtime));
}

function tallyOf(results: readonly FileResult[]): Tally {
  const cases = results.flatMap((result) => result.cases);
  const count = (outcome: string): number => cases.filter((found) => found.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

function printFailures(result: FileResult): void {
  const failed = result.cases.filter(({ outcome }) => outcome === "failed");
  if (failed.length === 0) return;
  print(`\nFAILED ${result.runtime} ${result.file}`);
  for (const { name, detail } of failed) print(`  ${name}\n${indent(detail)}`);
  const lines = result.output.trimEnd().split("\n");
  const shown = lines.slice(-60);
  if (result.output.trim() !== "") {
    print(`  output of the file${shown.length < lines.length ? `, its last ${shown.length} lines` : ""}:`);
    print(indent(shown.join("\n")));
  }
  print(`  to repeat: npm test -- --runtime ${result.runtime} ${result.file}`);
}

function printSkips(results: readonly FileResult[]): void {
  const counts = new Map<string, number>();
  for (const { file, cases } of results) {
    for (const { outcome, detail } of cases) {
      if (outcome !== "skipped") continue;
      const line = `${file}: ${detail === "" ? "no reason given" : detail}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  for (const [line, count] of counts) print(`  ${results[0]?.runtime} skipped ${count} in ${line}`);
}

function printJson(results: readonly FileResult[]): void {
  for (const { runtime, file, cases } of results) {
    for (const found of cases) print(JSON.stringify({ runtime, file, ...found }));
  }
}

async function runRuntime(sandbox: Sandbox, runtime: RuntimeName, files: readonly string[]): Promise<FileResult[]> {
  const deadlineMs = performance.now() + Number(options.timeout) * 1_000;
  const results: FileResult[] = [];
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const leftMs = Math.round(deadlineMs - performance.now());
      const result =
        leftMs > 0
          ? await runTestFile(sandbox, runtime, file, Math.min(leftMs, Number(options["file-timeout"]) * 1_000))
          : notRun(runtime, file);
      results.push(result);
      if (options.json) continue;
      if (options.verbose)
        print(`${runtime} ${file}: ${formatTally(tallyOf([result]))}, ${seconds(result.durationMs)}`);
      printFailures(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, work));
  return results.sort((a, b) => a.file.localeCompare(b.file));
}

function notRun(runtime: RuntimeName, file: string): FileResult {
  const detail = `not run: the ${options.timeout} s of ${runtime} were used up`;
  return {
    runtime,
    file,
    cases: [{ name: "(the file as a whole)", outcome: "failed", detail }],
    output: "",
    durationMs: 0,
  };
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}

function versionOf(runtime: RuntimeName): string {
  const { stdout } = spawnSync(binary(runtime), ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "?";
}

async function main(): Promise<number> {
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const files = findTestFiles(filters);
  if (files.length === 0) throw new Error(`no test file matches ${filters.join(" ")}`);
  if (!canFindProcesses && !options.json) print("processes left behind are not looked for: this needs Linux");
  const sandbox = new Sandbox();
  const interrupted = (): void => {
    void sandbox.close().finally(() => process.exit(130));
  };
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  const summary: string[] = [];
  const tallies: Tally[] = [];
  let emptyRuntime = false;
  for (const runtime of chosenRuntimes()) {
    const startedMs = performance.now();
    const results = await runRuntime(sandbox, runtime, files);
    const tally = tallyOf(results);
    tallies.push(tally);
    // Of a few files chosen by name, all may be skipped with good reason.
    const ranNothing = tally.passed + tally.failed === 0 && (filters.length === 0 || tally.skipped === 0);
    emptyRuntime ||= ranNothing;
    const name = `${runtime} ${versionOf(runtime)}`.padEnd(13);
    const took = seconds(performance.now() - startedMs);
    summary.push(`${name} ${formatTally(tally)} (${files.length} files, ${took})`);
    if (options.json) printJson(results);
    else printSkips(results);
    if (ranNothing) summary.push(`${name} ran no test, which counts as a failure`);
  }
  await sandbox.close();
  const sum = addTallies(tallies);
  if (options.json) print(JSON.stringify(sum));
  else print(`\n${summary.join("\n")}\n${formatTally(sum)}`);
  return sum.failed > 0 || emptyRuntime ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
