import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { countResources, resourcesBackTo } from "../support/resources.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";
import { until } from "../support/until.ts";
import { Random } from "../support/wire_random.ts";
import { faults, whyNot } from "./_faults.ts";

/** How much is played. */
export interface CampaignOptions {
  readonly seed: number;
  readonly launches: number;
  /** Stops after this time all the same. */
  readonly seconds: number;
  /** Plays the faults alone whose names hold this text. */
  readonly only?: string;
}

/** How a campaign went. */
export interface CampaignReport {
  readonly seed: number;
  readonly launches: number;
  readonly seconds: number;
  /** How often each fault ended how. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Faults that could not be had here, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** What was wrong, each with what repeats it. */
  readonly wrong: readonly string[];
}

/** Launches under way together. */
const workers = 3;
/** Time for the last process of a trial to go, in ms. */
const goneMs = 8_000;
const marker = "PLUGWIRE_CAMPAIGN";

/**
 * Launches plugins, each with a fault drawn for it. Every one has to end in success or a typed error within its limits, and
 * leave nothing. Wants a temporary directory of its own: see {@linkcode withOwnTemp}.
 */
export async function playCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { seed, launches, only = "" } = options;
  const outcomes: Record<string, Record<string, number>> = {};
  const leftOut: Record<string, string> = {};
  const wrong: string[] = [];
  const names: string[] = [];
  for (const [name, [weight]] of Object.entries(faults)) {
    if (!name.includes(only)) continue;
    const reason = await whyNot(name);
    if (reason === undefined) names.push(...Array<string>(weight).fill(name));
    else leftOut[name] = reason;
  }
  const startedMs = performance.now();
  const untilMs = startedMs + options.seconds * 1_000;
  // The first launches of a process, over either transport, open what the runtime then keeps.
  for (let number = 0; number < 4; number++)
    await faults.none![1]({ random: new Random(number), env: {}, name: "first" });
  const before = countResources();
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < launches && performance.now() < untilMs && wrong.length < 10) {
        const number = next++;
        const random = new Random(seed * 1_000_003 + number);
        const fault = random.pick(names);
        const name = `${process.pid}-${seed}-${number}`;
        try {
          const outcome = await faults[fault]![1]({ random, env: { [marker]: name }, name });
          outcomes[fault] ??= {};
          outcomes[fault][outcome] = (outcomes[fault][outcome] ?? 0) + 1;
          await allGone(name);
        } catch (error) {
          wrong.push(
            `${fault}, seed ${seed}, launch ${number}: ${error instanceof Error ? error.stack : String(error)}`,
          );
        }
      }
    }),
  );
  await sweep();
  const after = await resourcesBackTo(before);
  if (after.descriptors > before.descriptors || after.children > before.children)
    wrong.push(`left behind: ${JSON.stringify({ before, after })}`);
  const files = readdirSync(tmpdir());
  if (files.length > 0) wrong.push(`left in the temporary directory: ${files.join(", ")}`);
  return { seed, launches: next, seconds: (performance.now() - startedMs) / 1_000, outcomes, leftOut, wrong };
}

/** Gives this process, and all that it starts, a temporary directory of its own, and removes it. */
export async function withOwnTemp<T>(run: () => Promise<T>): Promise<T> {
  const given = process.env.TMPDIR;
  const own = mkdtempSync(join(tmpdir(), "campaign-"));
  process.env.TMPDIR = own;
  try {
    return await run();
  } finally {
    if (given === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = given;
    rmSync(own, { recursive: true, force: true });
  }
}

/** Says that all went well. */
export function checkCampaign({ wrong, outcomes }: CampaignReport): void {
  assert.deepEqual(wrong, []);
  const sound = outcomes.none ?? {};
  assert.deepEqual(
    Object.keys(sound).filter((outcome) => outcome !== "ok"),
    [],
    "a launch without a fault failed",
  );
}

/** Waits until no process of a trial is left. */
async function allGone(name: string): Promise<void> {
  await until(`the processes of ${name} are gone`, () => processesOf(name).length === 0, goneMs);
}

function processesOf(name: string): string[] {
  const wanted = `${marker}=${name}\0`;
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(wanted);
    } catch {
      // It has ended, or is somebody else's.
      return false;
    }
  });
}

/** A new host removes what killed ones left. It waits a minute with that, which has to seem to be over. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) utimesSync(join(tmpdir(), name), 0, 0);
  const host = new URL("./_host.ts", import.meta.url);
  const plugin = new URL("./_plugin.ts", import.meta.url);
  const [file = "", ...args] = runtimeCommand(currentRuntime, host, "1", ...runtimeCommand(currentRuntime, plugin));
  await promisify(execFile)(file, args, { timeout: 30_000 });
}
