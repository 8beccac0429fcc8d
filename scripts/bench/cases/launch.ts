import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { launch } from "@plugwire/plugwire";
import type { Effort, Result } from "../lib/result.ts";
import { currentRuntime, runtimeArguments } from "../lib/runtime_arguments.ts";
import { alternate, median } from "../lib/statistics.ts";
import { packagedGreeter } from "../programs/packaged_greeter.ts";

/** From `launch` to the answer of a first call, beside a program of the same runtime that prints one line. */
export async function measureLaunch(effort: Effort): Promise<Result[]> {
  await alternate(1, bareHello, firstReply);
  const rounds = await alternate(effort.launches, bareHello, firstReply);
  const value = median(rounds.ours);
  const floor = median(rounds.floor);
  return [{ case: "launch_first_reply", runtime: currentRuntime, value, unit: "ms", floor, ratio: value / floor }];
}

async function firstReply(): Promise<number> {
  const from = performance.now();
  await using plugin = await launch(new URL("../programs/packaged_plugin.ts", import.meta.url));
  await plugin.dispense(packagedGreeter).greet("World");
  return performance.now() - from;
}

function bareHello(): Promise<number> {
  const from = performance.now();
  const path = fileURLToPath(new URL("../programs/hello.ts", import.meta.url));
  const child = spawn(process.execPath, [...runtimeArguments(), path], { stdio: ["pipe", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let took = 0;
    child.stdout.once("data", () => {
      took = performance.now() - from;
      child.stdin.end();
      child.kill("SIGKILL");
    });
    child.once("error", reject);
    child.once("close", () => resolve(took));
  });
}
