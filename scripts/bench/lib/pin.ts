import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

/** Where a process of the benchmark runs: on the first CPU of the machine or on the last. */
export type Place = "first" | "last";

/** What it takes to run on one CPU; empty where that cannot be had. */
export function pinCommand(place: Place): readonly string[] {
  const command = ["taskset", "-c", place === "first" ? "0" : String(cpus().length - 1)];
  return spawnSync(command[0]!, [...command.slice(1), "true"]).status === 0 ? command : [];
}
