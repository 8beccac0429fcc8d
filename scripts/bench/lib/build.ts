import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../lib/repository.ts";

/** Builds the package if it is older than its sources: what is started must be what users install. */
export function ensureBuilt(): void {
  const built = join(root, "dist/mod.js");
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return;
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the package could not be built; try: npm run build");
}

function newestSource(): number {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  return Math.max(
    ...["mod.ts", ...sources.map((path) => join("src", path))].map((path) => statSync(join(root, path)).mtimeMs),
  );
}
