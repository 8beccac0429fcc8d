import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { binary, root } from "./repository.ts";
import { parseTally, type Tally } from "./tally.ts";

/** One step of a check. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** The step is left out, and says so, when this path is not there. */
  readonly needs?: string;
  /** The step runs tests: its output ends with a tally, and is shown also when it succeeds. */
  readonly counts?: boolean;
}

/** How a step ended. */
export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly tally: Tally | undefined;
}

/** Runs steps one after the other, also past one that failed. Prints a line for each, and what a failing one printed. */
export async function runSteps(steps: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await runStep(step));
  return results;
}

async function runStep(step: Step): Promise<StepResult> {
  const { name, command, needs } = step;
  if (needs !== undefined && !existsSync(join(root, needs))) {
    print(`-- ${name}: left out, there is no ${needs}`);
    return { name, ok: true, tally: undefined };
  }
  const startedMs = performance.now();
  const { ok, output } = await run(command);
  const took = `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  const tally = step.counts ? parseTally(output) : undefined;
  const good = ok && (!step.counts || tally !== undefined);
  if (!good) print(`FAILED ${name} (${took}): ${command.join(" ")}\n${output.trimEnd()}`);
  else print(`ok ${name} (${took})`);
  if (good && step.counts) print(output.trimEnd().replaceAll(/^/gm, "   "));
  return { name, ok: good, tally };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function run([file = "", ...args]: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const path = `${dirname(binary("node"))}${delimiter}${process.env.PATH ?? ""}`;
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const append = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", append);
    child.stderr.setEncoding("utf8").on("data", append);
    child.on("error", (error) => resolve({ ok: false, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, output: stripVTControlCharacters(output) }));
  });
}
