import type { Step } from "./steps.ts";

/** What is checked without running Plugwire: `npm run check`, and the first half of CI. */
export const staticSteps: readonly Step[] = [
  { name: "format and lint", command: ["biome", "ci", "."] },
  { name: "types (tsc)", command: ["tsc", "-p", "."] },
  { name: "types (deno check)", command: ["deno", "check"] },
  { name: "import directions", command: ["node", "scripts/check_imports.ts"] },
  { name: "build", command: ["node", "scripts/build.ts"] },
  { name: "export maps", command: ["node", "scripts/check_exports.ts"] },
  { name: "npm package", command: ["node", "scripts/check_package.ts"] },
  { name: "public documentation", command: ["node", "scripts/check_docs.ts"] },
  { name: "deno publish --dry-run", command: ["deno", "publish", "--dry-run", "--allow-dirty"] },
  { name: "lock file", command: ["node", "scripts/check_lock.ts"] },
];
