import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RpcSession } from "../../src/rpc/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Link } from "../../src/transport/mod.ts";
import { openSide } from "../rpc/_sessions.ts";
import { runtimeExecutable, type TestRuntime } from "../support/runtimes.ts";
import { Random } from "../support/wire_random.ts";
import { desk, type Left, shaped, soak } from "./_contracts.ts";
import { type CountedSignal, countedSignal } from "./_counted_signal.ts";
import { countLeft } from "./_left.ts";
import { moves, type Table } from "./_moves.ts";

/** How much is played. */
export interface SoakOptions {
  readonly seed: number;
  /** Moves in all; one is a call or several. */
  readonly moves: number;
  /** Stops after this time all the same. */
  readonly seconds: number;
  /** What the plugin runs on. */
  readonly plugin: TestRuntime;
  /** Plays the moves alone whose names hold this text. */
  readonly only?: string;
}

/** How a soak went. */
export interface SoakReport {
  readonly seed: number;
  readonly moves: number;
  readonly seconds: number;
  /** After the first of them, which warm everything up: each side by its own count. */
  readonly before: { readonly host: Left; readonly plugin: Left };
  readonly after: { readonly host: Left; readonly plugin: Left };
}

/** Moves under way together. */
const workers = 24;
/** Moves after which a heap has what it keeps for good. */
const warmUpMoves = 3_000;
/** Collections after which what is left counts as left behind. */
const maxCollections = 100;
const flags: Readonly<Record<TestRuntime, readonly string[]>> = {
  node: ["--expose-gc"],
  deno: ["run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  bun: ["run"],
};

/** The command of a script that may run the collector. */
export function collectingCommand(runtime: TestRuntime, script: URL, ...args: readonly string[]): string[] {
  return [runtimeExecutable(runtime), ...flags[runtime], fileURLToPath(script), ...args];
}

/** Plays moves at random against a plugin in a process of its own. @throws What a move found wrong, with its name and seed. */
export async function playSoak(options: SoakOptions): Promise<SoakReport> {
  const longLived = countedSignal();
  const { session, end } = await openPlugin(options.plugin);
  try {
    const table = { soak: session.dispense(soak), shaped: session.dispense(shaped), longLived };
    const untilMs = performance.now() + options.seconds * 1_000;
    const startedMs = performance.now();
    const warmUp = Math.max(options.moves >> 2, Math.min(warmUpMoves, options.moves >> 1));
    const warmed = await play(table, { ...options, moves: warmUp }, untilMs);
    const before = await settle(session, table, longLived);
    const played = await play(table, { ...options, seed: options.seed + 1, moves: options.moves - warmUp }, untilMs);
    const seconds = (performance.now() - startedMs) / 1_000;
    const after = await settle(session, table, longLived);
    return { seed: options.seed, moves: warmed + played, seconds, before, after };
  } finally {
    await end();
  }
}

/** Says that nothing of what was played is left. */
export function checkNothingLeft({ before, after }: SoakReport): void {
  for (const side of ["host", "plugin"] as const) {
    const { heapBytes: heapBefore, ...countsBefore } = before[side];
    const { heapBytes: heapAfter, ...countsAfter } = after[side];
    assert.deepEqual(countsAfter, countsBefore, `left on the side of the ${side}`);
    const { streams, waiting, exports, imports, deadlines, listeners } = countsAfter;
    assert.deepEqual([streams, waiting, exports, imports, deadlines, listeners], [0, 0, 0, 0, 0, 0], side);
    const ratio = heapAfter / heapBefore;
    assert.ok(ratio <= 1.05, `the heap of the ${side} has grown ${ratio.toFixed(3)} times, from ${heapBefore} bytes`);
  }
}

async function play(
  table: Omit<Table, "random">,
  { seed, moves: count, only = "" }: SoakOptions,
  untilMs: number,
): Promise<number> {
  const names = Object.entries(moves)
    .filter(([name]) => name.includes(only))
    .flatMap(([name, [weight]]) => Array<string>(weight).fill(name));
  let left = count;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const random = new Random(seed * 1_000 + worker);
      while (left > 0 && performance.now() < untilMs) {
        left--;
        const name = random.pick(names);
        await moves[name]![1]({ ...table, random }).catch((error: unknown) => {
          throw new Error(`${name}, with seed ${seed}`, { cause: error });
        });
      }
    }),
  );
  return count - left;
}

/** Waits until nothing more comes back: releases take a turn, and collections several. */
async function settle(
  session: RpcSession,
  { soak }: Pick<Table, "soak">,
  longLived: CountedSignal,
): Promise<SoakReport["before"]> {
  await soak.forgetAll();
  for (let round = 1; ; round++) {
    const plugin = await soak.left();
    const host = await countLeft(session, longLived);
    // The call that asks is a stream of its own on the plugin's side.
    const left = { host, plugin: { ...plugin, streams: plugin.streams - 1 } };
    const sum = [left.host, left.plugin].reduce(
      (sum, { streams, waiting, exports, imports, listeners, deadlines }) =>
        sum + streams + waiting + exports + imports + listeners + deadlines,
      0,
    );
    if ((sum === 0 && round > 3) || round === maxCollections) return left;
    await session.ping();
  }
}

async function openPlugin(runtimeName: TestRuntime): Promise<{ session: RpcSession; end(): Promise<void> }> {
  const runtime = await detectRuntime();
  const directory = await runtime.makePrivateDirectory("plugwire-soak-");
  const joined = Promise.withResolvers<Link>();
  const listener = await runtime.listen({ network: "unix", path: `${directory}/s` }, joined.resolve);
  const [file = "", ...args] = collectingCommand(
    runtimeName,
    new URL("./_plugin.ts", import.meta.url),
    `${directory}/s`,
  );
  const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
  const early = exited.then((code) => Promise.reject(new Error(`the plugin exited with ${code} before it connected`)));
  const link = await Promise.race([joined.promise, early]);
  early.catch(() => {});
  await listener.close();
  await runtime.remove(directory);
  const session = openSide("host", link, { serves: [desk.implement({ twice: (n) => 2 * n })] });
  await session.opened;
  return {
    session,
    async end() {
      session.close();
      assert.equal(await exited, 0, "how the plugin exited");
    },
  };
}
