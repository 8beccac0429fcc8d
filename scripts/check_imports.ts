// Fails when a room of src/ imports one below it, knows the runtime without being src/runtime/, computes the name of a
// module, or imports in a circle.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkImports } from "./lib/import_rules.ts";
import { reportProblems } from "./lib/problems.ts";
import { readJson, root } from "./lib/repository.ts";

const paths = globSync(["*.ts", "src/**/*.ts"], { cwd: root }).map((path) => path.replaceAll("\\", "/"));
const sources = new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), "utf8")]));
const { dependencies, peerDependencies } = readJson("package.json");
const packages = Object.keys({ ...(dependencies ?? {}), ...(peerDependencies ?? {}) });
reportProblems(`imports of ${sources.size} files`, checkImports(sources, packages));
