import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The three runtimes everything is tried on. */
export const runtimes = ["node", "deno", "bun"] as const;

/** The name of one of them. */
export type RuntimeName = (typeof runtimes)[number];

/** Path of a binary that npm installed. */
export function binary(name: string): string {
  return join(root, "node_modules", ".bin", name);
}

/** Reads a JSON file, named relative to the root. */
export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;
}
