// npm run bench: what Plugwire costs, each figure beside a floor measured in the same run, in turns with it.
import { spawnSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { binary, type RuntimeName, runtimes } from "../lib/repository.ts";
import { ensureBuilt } from "./lib/build.ts";
import { pinCommand } from "./lib/pin.ts";
import { type CaseName, caseNames, type Effort, type Result } from "./lib/result.ts";
import { runCases } from "./lib/run_cases.ts";
import { tableHead, tableRow } from "./lib/table.ts";

const help = `npm run bench -- [OPTIONS]

  --runtime NAME   node, deno or bun; may be repeated. Default: all
  --case NAME      may be repeated. Default: all of
                   ${caseNames.join(" ")}
  --rounds N       rounds of either side. Default 31
  --quick          few and short rounds
  --json           one line of JSON for each figure:
                   {"case","runtime","value","unit","floor","ratio"}
  --help           this text

ratio is value / floor of the same run: for times (us, ms) lower is better, for rates (calls/s, MiB/s) higher is.
Floors: of calls the frozen scripts/bench/floor.ts, of the byte stream a bare Unix socket (node:net, as in the library),
of streams as values the mux alone (messages, or a byte stream, of the same size), of a validated call the same without
schemas, of a call with a callback and of 100 pipelined calls one plain call, of a launch a program of the runtime that prints one line. The heap of an idle plugin has none.
`;

const full: Effort = {
  rounds: 31,
  sequentialCalls: 1_000,
  concurrentCalls: 10_000,
  streamBytes: 64 << 20,
  launches: 11,
  idlePlugins: 8,
};
const quick: Effort = { ...full, rounds: 9, launches: 5, idlePlugins: 4, streamBytes: 32 << 20 };

const { values: options } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true },
    case: { type: "string", multiple: true },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  const chosen = oneOf("--runtime", options.runtime, runtimes);
  const cases = new Set<CaseName>(oneOf("--case", options.case, caseNames));
  const effort = { ...(options.quick ? quick : full) };
  if (options.rounds !== undefined) Object.assign(effort, { rounds: positive(options.rounds) });
  if (cases.has("launch_first_reply")) ensureBuilt();
  if (!options.json) printHead(chosen);
  for (const runtime of chosen) await runCases(runtime, cases, effort, print);
}

function print(result: Result): void {
  const { cpu: _, ...figures } = result;
  process.stdout.write(`${options.json ? JSON.stringify(figures) : tableRow(result)}\n`);
}

function printHead(chosen: readonly RuntimeName[]): void {
  const [first] = cpus();
  const versions = chosen.map((name) => `${name} ${versionOf(name)}`).join(", ");
  const pin = pinCommand("last");
  const pinned =
    pin.length > 0
      ? `one call at a time on one CPU (${pin.join(" ")}), a byte stream on two`
      : "not pinned: no taskset here";
  process.stdout.write(
    `${cpus().length} x ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}\n` +
      `${versions}; ${pinned}\n` +
      `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(" ")}` : ""}\n\n${tableHead()}\n`,
  );
}

function versionOf(runtime: RuntimeName): string {
  return /\d+\.\d+\.\d+/.exec(spawnSync(binary(runtime), ["--version"], { encoding: "utf8" }).stdout)?.[0] ?? "?";
}

function oneOf<T extends string>(name: string, given: readonly string[] | undefined, known: readonly T[]): T[] {
  for (const value of given ?? []) {
    if (!(known as readonly string[]).includes(value)) throw new Error(`${name} ${value}: one of ${known.join(", ")}`);
  }
  return known.filter((value) => given === undefined || given.includes(value));
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--rounds ${text}: a whole number from 1`);
  return number;
}

if (options.help) {
  process.stdout.write(help);
} else {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
