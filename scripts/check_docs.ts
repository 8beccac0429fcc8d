// Fails when a public symbol lacks its documentation, or shows a type that is not public: `deno doc --lint` of every
// subpath that deno.json exports.
import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { binary, readJson, root } from "./lib/repository.ts";

const entries = Object.values(readJson("deno.json").exports as Record<string, string>);
const { status, stdout, stderr } = spawnSync(binary("deno"), ["doc", "--lint", ...entries], {
  cwd: root,
  encoding: "utf8",
});
// Deno cannot follow some references within @types/node, which say nothing of our own documentation.
const output = stripVTControlCharacters(stdout + stderr).replaceAll(
  /^Warning Failed resolving types.*\n\s+at .*\n/gm,
  "",
);
process.stderr.write(output);
process.exitCode = status ?? 1;
