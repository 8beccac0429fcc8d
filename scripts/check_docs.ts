// Fails when documentation is missing or untrue: a public symbol without its comment (deno doc --lint), a ts block of
// README.md or docs/ that does not type-check, and a block followed by a text block that prints something else. Programs
// run on all three runtimes, commands of sh blocks once. With words, only the documents whose path has one of them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findDocBlocks } from "./lib/doc_blocks.ts";
import { DocProject, findDocuments, type ProjectBlock } from "./lib/doc_project.ts";
import { compareOutput } from "./lib/expected_output.ts";
import { binary, readJson, root } from "./lib/repository.ts";
import { Sandbox } from "./lib/sandbox.ts";

const timeoutMs = 60_000;
const runners: readonly (readonly string[])[] = [["node"], ["deno", "run", "-A", "--quiet"], ["bun"]];

/** What Deno says of public symbols without a comment, and of public types that name private ones. */
function lintComments(): string[] {
  const entries = Object.values(readJson("deno.json").exports as Record<string, string>);
  const { status, stdout, stderr } = spawnSync(binary("deno"), ["doc", "--lint", ...entries], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return [];
  // Before the first fault stand warnings on references within @types/node, after the last their number.
  const [, ...parts] = stripVTControlCharacters(stdout + stderr).split(/^(?=error)/m);
  const problems = parts.filter((part) => part.startsWith("error[") && !isHelperOfInference(part) && !isOfPeer(part));
  return parts.some((part) => part.startsWith("error[")) ? problems : [stdout + stderr];
}

/** The types that take a contract's methods apart are read by the compiler alone: to publish them would hide the others. */
function isHelperOfInference(part: string): boolean {
  return part.startsWith("error[private-type-ref]") && /^ *--> .*\/src\/contract\//m.test(part);
}

/** Those of an optional peer dependency are documented there. */
function isOfPeer(part: string): boolean {
  return /^error\[private-type-ref\].* private type '(TracerProvider|TextMapPropagator)'$/m.test(part);
}

function checkTypes({ directory, blocks }: DocProject): string[] {
  const { status, stdout } = spawnSync(binary("node"), [binary("tsc"), "-p", directory, "--pretty", "false"], {
    cwd: directory,
    encoding: "utf8",
  });
  if (status === 0) return [];
  // The line of the block and the line within it are not added up: tsc's own is the one of the file it names.
  return stdout
    .trimEnd()
    .split("\n")
    .map(
      (line) => `${blocks.find(({ file }) => file !== undefined && line.startsWith(`${file}(`))?.place ?? ""} ${line}`,
    );
}

function commandsOf({ language, file, text }: ProjectBlock): (readonly string[])[] {
  if (file !== undefined) return runners.map((runner) => [...runner, file]);
  return language === "sh" ? [["/bin/sh", "-ec", text]] : [];
}

async function run(sandbox: Sandbox, directory: string, block: ProjectBlock): Promise<string[]> {
  const problems: string[] = [];
  for (const command of commandsOf(block)) {
    // npx would leave its compile cache behind.
    const start = 'cd "$1" && shift && NODE_DISABLE_COMPILE_CACHE=1 exec "$@"';
    const inDirectory = ["/bin/sh", "-c", start, "sh", directory, ...command];
    const result = await sandbox.run(() => inDirectory, { timeoutMs, separateErrors: true });
    const tell = (what: string): void => {
      problems.push(`${block.place} (${command[0]}) ${what}\nstderr:\n${result.errorOutput}`);
    };
    const difference = compareOutput(block.output ?? "", result.output);
    if (result.timedOut) tell(`ran for more than ${timeoutMs / 1_000} s`);
    else if (difference !== undefined) tell(`does not print what stands below it: ${difference}`);
    else if (result.code !== 0) tell(`ended with ${result.signal ?? `exit code ${result.code}`}`);
    else if (result.leftovers.length > 0) tell(`left behind:\n${result.leftovers.join("\n")}`);
  }
  return problems;
}

async function checkDocument(sandbox: Sandbox, document: string): Promise<string[]> {
  const blocks = findDocBlocks(readFileSync(join(root, document), "utf8"));
  const isCode = blocks.some(
    ({ language, output }) => language === "ts" || (language === "sh" && output !== undefined),
  );
  if (!isCode) return [];
  const project = new DocProject(document, blocks);
  try {
    const problems = checkTypes(project);
    for (const block of project.blocks) {
      if (block.output !== undefined) problems.push(...(await run(sandbox, project.directory, block)));
    }
    return problems;
  } finally {
    project.remove();
  }
}

const sandbox = new Sandbox();
process.on("SIGINT", () => void sandbox.close().finally(() => process.exit(130)));
const problems: string[] = [];
const filters = process.argv.slice(2);
const isWanted = (document: string): boolean => filters.length === 0 || filters.some((word) => document.includes(word));
for (const document of findDocuments().filter(isWanted)) problems.push(...(await checkDocument(sandbox, document)));
await sandbox.close();
if (filters.length === 0) problems.push(...lintComments());
for (const problem of problems) process.stderr.write(`${problem.trimEnd()}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
