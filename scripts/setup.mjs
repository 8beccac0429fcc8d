// Makes a fresh clone ready: installs node_modules and sees that Node, Deno and Bun in it really run.
// Plain JavaScript, because the Node that starts it may be too old for everything else here.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Directory of the binaries that npm installed. */
export const binDirectory = join(root, "node_modules", ".bin");

/** The install script of each runtime: npm may not have been allowed to run it. */
const installScripts = {
  node: "installArchSpecificPackage.js",
  deno: "install.cjs",
  bun: "install.js",
};

/** What is missing or different in node_modules, as one line, or undefined when it is as the lock file says. */
function findDrift() {
  if (!existsSync(join(root, "node_modules"))) return "node_modules is missing";
  // npm keeps the list of what it installed here, so there is no need for a stamp of our own.
  const installedFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return "node_modules was not installed by npm";
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined && entry.optional) continue;
    if (found === undefined) return `${path} is not installed`;
    if (found.version !== entry.version) return `${path} is ${found.version}, the lock file says ${entry.version}`;
  }
  return undefined;
}

function npm(args) {
  const options = { cwd: root, encoding: "utf8" };
  // Under `npm run`, this names the npm in use, which need not be on the path.
  const cli = process.env.npm_execpath;
  const result = cli?.endsWith(".js")
    ? spawnSync(process.execPath, [cli, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  const output = result.error ? String(result.error) : `${result.stdout}${result.stderr}`;
  return { ok: result.status === 0, output };
}

function install(reason) {
  process.stderr.write(`setup: ${reason}; running npm ci\n`);
  // Of `npm pack --dry-run`, which builds first, the option would come along.
  const strict = npm(["ci", "--dry-run=false", "--loglevel=error"]);
  if (strict.ok) return;
  process.stderr.write(`${strict.output}\nsetup: npm ci failed (see above); trying npm install\n`);
  const loose = npm(["install", "--dry-run=false", "--no-save", "--loglevel=error"]);
  if (loose.ok) return;
  throw new Error(
    `${loose.output}\nsetup: cannot install the dependencies: both npm ci and npm install failed (see above). ` +
      "Check that npm reaches its registry (npm ping), then run: npm ci",
  );
}

function runs(name) {
  const result = spawnSync(join(binDirectory, name), ["--version"], { encoding: "utf8" });
  if (result.error) return { ok: false, output: String(result.error) };
  return { ok: result.status === 0, output: `${result.stdout}${result.stderr}`.trim() };
}

function ensureRuns(name) {
  if (runs(name).ok) return;
  const directory = join(root, "node_modules", name);
  const script = installScripts[name];
  process.stderr.write(`setup: ${name} of node_modules does not run; running its install script\n`);
  const result = spawnSync(process.execPath, [script], { cwd: directory, encoding: "utf8" });
  // npm makes no link in .bin to what is not there yet.
  if (!existsSync(join(binDirectory, name))) npm(["rebuild", name, "--ignore-scripts"]);
  const again = runs(name);
  if (again.ok) return;
  throw new Error(
    `${result.stdout ?? ""}${result.stderr ?? ""}${again.output}\n` +
      `setup: node_modules/.bin/${name} does not run, also after its own install script. ` +
      `Remove node_modules and run: npm ci --foreground-scripts`,
  );
}

/**
 * Installs what is missing and checks the three runtimes. Does nothing on a clone that is ready.
 * @throws Error whose message says what failed and the way out.
 */
export function setup() {
  const drift = findDrift();
  if (drift !== undefined) install(drift);
  for (const name of Object.keys(installScripts)) ensureRuns(name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    setup();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
