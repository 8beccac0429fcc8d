// Packs the package as npm would publish it, checks what is in it, installs it into an empty project by hand, and uses
// it there: imported on Node, Deno and Bun, required from CommonJS, and checked by TypeScript. Needs a build.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { reportProblems } from "./lib/problems.ts";
import { binary, readJson, root } from "./lib/repository.ts";

const {
  name,
  dependencies = {},
  peerDependencies = {},
  exports = {},
  bin = {},
} = readJson("package.json") as {
  name: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
};
const documents = [
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "docs/PROTOCOL.md",
  "docs/cli.md",
  "docs/connect.md",
  "docs/debugging.md",
  "docs/errors.md",
  "docs/interceptors.md",
  "docs/processes.md",
  "docs/reattach.md",
  "docs/runners.md",
  "docs/streams.md",
  "docs/discovery.md",
  "docs/go-plugin.md",
  "docs/javascript.md",
  "docs/performance.md",
  "docs/platforms.md",
  "docs/versions.md",
];
/** What pages may lead to that is for people who have the repository. */
const inRepositoryOnly = ["docs/ARCHITECTURE.md", "docs/decisions", "scripts"];
const allowed = [
  /^package\.json$/,
  /^dist\/(mod|src\/.+)\.(js|d\.ts)$/,
  /^examples\/.+\.(md|[cm]?[jt]s|txt|json)$/,
  /^tests\/vectors\/[^/]+\.(md|json)$/,
];
const required = ["package.json", "dist/mod.js", "dist/mod.d.ts", ...documents];

const problems: string[] = [];
const directory = mkdtempSync(join(tmpdir(), "plugwire-package-"));
try {
  const paths = install();
  checkFiles(paths);
  checkLinks(paths);
  checkUse();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
reportProblems("package for npm", problems);

function run(what: string, command: string, args: readonly string[], cwd = directory): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  problems.push(`${what}: ${command} ${args.join(" ")} failed\n${error ?? ""}${stdout ?? ""}${stderr ?? ""}`);
  return "";
}

/** Packs and unpacks. Gives the paths in the package. */
function install(): string[] {
  const output = run(
    "npm pack",
    "npm",
    ["pack", "--json", "--ignore-scripts", `--pack-destination=${directory}`],
    root,
  );
  if (output === "") return [];
  const parsed = JSON.parse(output) as unknown;
  // npm 12 gives an object by package name, those before it a list.
  const [packed] = Object.values(parsed as Record<string, { filename: string; files: { path: string }[] }>);
  const target = join(directory, "node_modules", name);
  mkdirSync(target, { recursive: true });
  const file = packed?.filename.replace(/^@/, "").replace("/", "-") ?? "";
  run("unpack", "tar", ["-xzf", join(directory, file), "-C", target, "--strip-components=1"]);
  // What a user has beside it: its dependencies, and the types of Node.
  linkPackages([...Object.keys(dependencies), "@types/node", "undici-types"]);
  return packed?.files.map(({ path }) => path) ?? [];
}

/** Installs packages as this clone has them. */
function linkPackages(names: readonly string[]): void {
  for (const each of names) {
    const link = join(directory, "node_modules", each);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", each), link);
  }
}

function checkFiles(paths: readonly string[]): void {
  for (const path of paths) {
    if (!documents.includes(path) && !allowed.some((pattern) => pattern.test(path)))
      problems.push(`${path} is no business of a user of the package`);
  }
  for (const path of required) {
    if (!paths.includes(path)) problems.push(`${path} is missing from the package`);
  }
}

/** Pages of the package lead to what is in it. */
function checkLinks(paths: readonly string[]): void {
  for (const page of paths.filter((path) => path.endsWith(".md"))) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/i.test(link)) continue;
      const target = posix.join(posix.dirname(page), link).replace(/\/$/, "");
      const isThere = paths.some((path) => path === target || path.startsWith(`${target}/`));
      const isElsewhere = inRepositoryOnly.some((place) => target === place || target.startsWith(`${place}/`));
      if (!isThere && !isElsewhere) problems.push(`${page} leads to ${target}, which is not in the package`);
    }
  }
}

function checkUse(): void {
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  const specifiers = subpaths.map((subpath) => JSON.stringify(name + subpath.slice(1)));
  const check = `if (Object.keys(m).length === 0) throw new Error("exports nothing: " + s)`;
  const write = (file: string, text: string): void => writeFileSync(join(directory, file), text);
  write("package.json", `{ "type": "module" }`);
  write("import.mjs", `for (const s of [${specifiers}]) { const m = await import(s); ${check}; }\n`);
  write("require.cjs", `for (const s of [${specifiers}]) { const m = require(s); ${check}; }\n`);
  write("types.ts", specifiers.map((specifier, index) => `export * as m${index} from ${specifier};`).join("\n"));
  for (const file of ["import.mjs", "require.cjs"]) {
    run(`${file} on node`, binary("node"), [file]);
    run(`${file} on bun`, binary("bun"), [file]);
    run(`${file} on deno`, binary("deno"), ["run", "-A", file]);
  }
  // Optional, so that all that went before did without; their types are needed by who uses what is made for them.
  linkPackages(Object.keys(peerDependencies));
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "esnext", "--types", "node"];
  run("types", binary("node"), [binary("tsc"), ...options, "types.ts"]);
  checkJavaScript(options);
  for (const target of Object.values(bin)) {
    run(`bin ${target}`, binary("node"), [join("node_modules", name, target), "--help"]);
  }
}

/** Plain JavaScript with types by JSDoc, as a module and with `require`, against what was packed. */
function checkJavaScript(options: readonly string[]): void {
  const folder = "javascript";
  cpSync(join(root, "examples", folder), join(directory, folder), { recursive: true });
  const files = ["counter.js", "plugin.js", "host.js", "host.cjs"].map((file) => join(folder, file));
  run("types by JSDoc", binary("node"), [binary("tsc"), ...options, "--allowJs", "--checkJs", ...files]);
  for (const file of ["host.js", "host.cjs"].map((name) => join(folder, name))) {
    run(`${file} on node`, binary("node"), [file]);
    run(`${file} on bun`, binary("bun"), [file]);
    run(`${file} on deno`, binary("deno"), ["run", "-A", file]);
  }
}
