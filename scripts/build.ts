// npm run build: compiles mod.ts and src/ to dist/, which is what npm gets.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { binary, readJson, root } from "./lib/repository.ts";

rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync(binary("node"), [binary("tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
for (const target of Object.values((readJson("package.json").bin as Record<string, string> | undefined) ?? {})) {
  if (existsSync(join(root, target))) chmodSync(join(root, target), 0o755);
}
