// node scripts/run.mjs TASK [args]: sets the clone up, then runs scripts/TASK.ts (or scripts/TASK/main.ts) with the
// Node of node_modules, its binaries first on the path. Plain JavaScript for the same reason as setup.mjs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { binDirectory, root, setup } from "./setup.mjs";

const [task, ...args] = process.argv.slice(2);
const script = [`${task}.ts`, join(`${task}`, "main.ts")]
  .map((name) => join(root, "scripts", name))
  .find((path) => existsSync(path));

if (task === undefined || script === undefined) {
  process.stderr.write(`no such task: ${task ?? "(none)"}; a task is a file scripts/TASK.ts or scripts/TASK/main.ts\n`);
  process.exit(2);
}

try {
  setup();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const child = spawn(join(binDirectory, "node"), [script, ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${binDirectory}${delimiter}${process.env.PATH ?? ""}` },
});
// A terminal's Ctrl-C reaches the child by itself; it decides how to end, and this process follows.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  process.stderr.write(`cannot start the Node of node_modules: ${error.message}\n`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
});
