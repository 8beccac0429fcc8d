import { globSync } from "node:fs";
import { root } from "./repository.ts";

/**
 * Lists the test files, relative to the root, in order.
 * @param filters Only those whose path contains one of these; all when there are none.
 */
export function findTestFiles(filters: readonly string[]): string[] {
  return globSync("tests/**/*.test.ts", { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter.replace(/^\.\//, ""))))
    .sort();
}
