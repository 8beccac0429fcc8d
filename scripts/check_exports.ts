// Fails when deno.json and package.json disagree, or when dist/ lacks what package.json exports. Needs a build.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareManifests, type DenoManifest, type NpmManifest } from "./lib/export_rules.ts";
import { reportProblems } from "./lib/problems.ts";
import { readJson, root } from "./lib/repository.ts";

const { problems, targets } = compareManifests(
  readJson("deno.json") as DenoManifest,
  readJson("package.json") as NpmManifest,
);
const missing = targets.filter((target) => !existsSync(join(root, target)));
reportProblems("exports of deno.json and package.json", [
  ...problems,
  ...missing.map((target) => `${target} is exported but not there; npm run build makes it`),
]);
