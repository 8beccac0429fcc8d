/** What starts plugins, and where: processes of this machine by default. @module */
export type { ContainerMount, ContainerOptions } from "./container_options.ts";
export { containerRunner } from "./container_runner.ts";
export { processRunner } from "./process_runner.ts";
export type { Resources } from "./resources.ts";
export { reworded } from "./reworded.ts";
export type { Entry, Runner, Running, RunSpec } from "./runner.ts";
export { workerRunner } from "./worker_runner.ts";
