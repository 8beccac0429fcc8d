/** What starts plugins, and where: processes of this machine by default. @module */
export { processRunner } from "./process_runner.ts";
export type { ResourceName, Resources } from "./resources.ts";
export { reworded } from "./reworded.ts";
export type { Entry, Runner, Running, RunSpec } from "./runner.ts";
export { workerRunner } from "./worker_runner.ts";
