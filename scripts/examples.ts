// Runs every folder of examples/: the first sh block of its README.md, from the root of the repository, must print (on
// stdout) what its expected.txt says, succeed, and leave nothing behind.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { compareOutput } from "./lib/expected_output.ts";
import { root } from "./lib/repository.ts";
import { Sandbox } from "./lib/sandbox.ts";
import { findShellBlock } from "./lib/shell_block.ts";
import { formatTally } from "./lib/tally.ts";

const timeoutMs = 120_000;

/** Examples with packages that only JSR has, and not the registry of npm. */
const jsrExamples: ReadonlySet<string> = new Set(["std_streams"]);

/** What Deno says when it cannot reach them. */
const jsrUnreachable = /JSR package manifest for '[^']+' failed to load/;

const { positionals: filters } = parseArgs({ allowPositionals: true });
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Runs one example. Gives what went wrong, or why it was skipped. */
async function runExample(sandbox: Sandbox, name: string): Promise<{ failure?: string; skip?: string }> {
  const read = (file: string): string | undefined => {
    const path = join(root, "examples", name, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const command = findShellBlock(read("README.md") ?? "");
  if (command === undefined) return { failure: "its README.md has no sh block with the command" };
  const expected = read("expected.txt");
  if (expected === undefined) return { failure: "it has no expected.txt" };
  const result = await sandbox.run(() => ["/bin/sh", "-ec", command], { timeoutMs, separateErrors: true });
  const told = `stderr:\n${result.errorOutput.trimEnd().replaceAll(/^/gm, "    ")}\ncommand: ${command}`;
  if (result.timedOut) return { failure: `killed after ${timeoutMs / 1_000} s\n${told}` };
  if (jsrExamples.has(name) && jsrUnreachable.test(stripVTControlCharacters(result.errorOutput))) {
    return { skip: "it needs JSR, which is out of reach here" };
  }
  const how = result.signal ?? `exit code ${result.code}`;
  const difference = compareOutput(expected, result.output);
  if (difference !== undefined) return { failure: `${difference}\n${how}\n${told}` };
  if (result.code !== 0) return { failure: `${how}\n${told}` };
  if (result.leftovers.length > 0) return { failure: `left behind:\n${result.leftovers.join("\n")}` };
  return {};
}

const directory = join(root, "examples");
const names = (existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [])
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
  .sort();
const tally = { passed: 0, failed: 0, skipped: 0 };
const sandbox = new Sandbox();
const interrupted = (): void => {
  void sandbox.close().finally(() => process.exit(130));
};
process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
for (const name of names) {
  const { failure, skip } = await runExample(sandbox, name);
  if (failure !== undefined) {
    tally.failed++;
    print(`FAILED examples/${name}\n${failure}\n  to repeat: node scripts/run.mjs examples ${name}`);
  } else if (skip !== undefined) {
    tally.skipped++;
    print(`skipped examples/${name}: ${skip}`);
  } else {
    tally.passed++;
    print(`passed examples/${name}`);
  }
}
await sandbox.close();
print(formatTally(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;
