import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { discover, launch } from "../../mod.ts";
import { readGlob } from "../../src/host/_glob.ts";
import { life } from "../fixtures/life/life.ts";
import { program } from "../support/life.ts";
import { runtimeExecutable } from "../support/runtimes.ts";

const root = realpathSync(mkdtempSync(path.join(tmpdir(), "discover [x] ")));
after(() => rmSync(root, { recursive: true }));

for (const name of ["b-plugin.js", "a-plugin.ts", "with space.js", "*.txt", ".hidden.js", "notes.txt", "é.js"]) {
  writeFileSync(path.join(root, name), "");
}
for (const [folder, file] of [
  ["one", "plugin.js"],
  ["two", "plugin.js"],
  [".three", "plugin.js"],
] as const) {
  mkdirSync(path.join(root, folder));
  writeFileSync(path.join(root, folder, file), "");
}
mkdirSync(path.join(root, "folder.js"));
chmodSync(path.join(root, "b-plugin.js"), 0o755);
symlinkSync("b-plugin.js", path.join(root, "link.js"));
symlinkSync("nowhere", path.join(root, "broken.js"));
symlinkSync("circle.js", path.join(root, "circle.js"));
symlinkSync("two", path.join(root, "zwei"));

const inRoot = (...names: readonly string[]): string[] => names.map((name) => path.join(root, name));

describe("discover", () => {
  const table: readonly [pattern: string, found: readonly string[]][] = [
    ["*.js", ["b-plugin.js", "link.js", "with space.js", "é.js"]],
    ["*-plugin.{js,ts}", ["a-plugin.ts", "b-plugin.js"]],
    ["*/plugin.js", ["one/plugin.js", "two/plugin.js", "zwei/plugin.js"]],
    [".*/plugin.js", [".three/plugin.js"]],
    [".*.js", [".hidden.js"]],
    ["?.js", ["é.js"]],
    ["[a-b]-plugin.*", ["a-plugin.ts", "b-plugin.js"]],
    ["\\*.txt", ["*.txt"]],
    ["one", []],
    ["*.wasm", []],
    ["*.js/*", []],
  ];
  for (const [pattern, found] of table) {
    it(`finds files that ${pattern} fits, sorted and absolute`, async () => {
      assert.deepEqual(await discover(root, pattern), inRoot(...found));
    });
  }

  it("finds executables alone when asked to", async () => {
    assert.deepEqual(await discover(root, "*.js", { executable: true }), inRoot("b-plugin.js", "link.js"));
  });

  it("takes a directory as a URL, relative to the working directory, and with a slash at its end", async () => {
    const found = inRoot("a-plugin.ts");
    assert.deepEqual(await discover(pathToFileURL(`${root}/`), "*.ts"), found);
    assert.deepEqual(await discover(`${root}/`, "*.ts"), found);
    const before = process.cwd();
    process.chdir(path.dirname(root));
    try {
      assert.deepEqual(await discover(path.basename(root), "*.ts"), found);
      assert.deepEqual(await discover(`./${path.basename(root)}`, "*.ts"), found);
    } finally {
      process.chdir(before);
    }
  });

  it("takes a directory in the user's home", async () => {
    const before = process.env.HOME;
    process.env.HOME = path.dirname(root);
    try {
      assert.deepEqual(await discover(`~/${path.basename(root)}`, "*.ts"), inRoot("a-plugin.ts"));
    } finally {
      if (before === undefined) delete process.env.HOME;
      else process.env.HOME = before;
    }
  });

  it("finds nothing where there is no such directory", async () => {
    assert.deepEqual(await discover(path.join(root, "none"), "*"), []);
  });

  it("gives what launch takes", async () => {
    const directory = new URL("./", program("plugin.ts"));
    const [found, ...others] = await discover(directory, "plugin.ts");
    assert.deepEqual(others, []);
    await using plugin = await launch(found!, { log: false });
    assert.equal(await plugin.dispense(life).echo("found"), "found");
  });

  it("does not take a directory that it may not look at for an empty one", () => {
    const script = fileURLToPath(new URL("../fixtures/discover/looks.ts", import.meta.url));
    const look = (...permissions: readonly string[]): string => {
      const args = ["run", "--no-prompt", "--quiet", "--allow-env", ...permissions, script, root];
      return execFileSync(runtimeExecutable("deno"), args, { encoding: "utf8", timeout: 60_000 }).trim();
    };
    assert.equal(look(), "internal");
    assert.deepEqual(JSON.parse(look(`--allow-read=${root}`)), inRoot("a-plugin.ts"));
  });

  const refused: readonly [directory: unknown, pattern: unknown, message: RegExp][] = [
    [root, 5, /a pattern must be a string, not 5/],
    [root, "", /must be the path of files within the directory/],
    [root, "/etc/*", /must be the path of files within the directory/],
    [root, "../*", /must be the path of files within the directory/],
    [root, "**/x.js", /\*\* is not understood; write a part for each level/],
    [root, "[ab", /"\[" is not closed/],
    [root, "[z-a]", /a range in its brackets is the wrong way round/],
    [root, "{a,b", /"\{" is not closed/],
    [root, "{a/b,c}", /what is in braces must not have a slash/],
    [root, "a\\", /nothing behind its last backslash/],
    [path.join(root, "notes.txt"), "*", /cannot look for plugins in ".*notes\.txt": it is not a directory$/],
    ["", "*", /cannot look for plugins in "": not a path/],
    [
      "https://example.org/",
      "*",
      /cannot look for plugins in "https:\/\/example.org\/": a plugin is a file on this machine/,
    ],
  ];
  for (const [directory, pattern, message] of refused) {
    it(`refuses ${JSON.stringify(pattern)} in ${directory === root ? "a directory" : JSON.stringify(directory)}`, async () => {
      await assert.rejects(discover(directory as string, pattern as string), (error) => {
        return error instanceof TypeError && message.test(error.message);
      });
    });
  }
});

it("a pattern fits the names that the runtime's own does, hidden ones apart", () => {
  const names = [
    "a",
    "b",
    "ab",
    "a.b",
    "aab",
    "a-b",
    "]",
    "^",
    "!",
    "a]",
    "{",
    "a,b",
    "+",
    "a+b",
    "(a)",
    "\n",
    "😀",
    "a😀b",
  ];
  const patterns = [
    "*",
    "?",
    "a*",
    "*b",
    "a?b",
    "[a-c]",
    "[!a]",
    "[^a]*",
    "[]]",
    "a[-+]b",
    "{a,b}",
    "{a,ab}*",
    "a{,-}b",
    "(a)",
  ];
  for (const pattern of patterns) {
    const [fits] = readGlob(pattern);
    for (const name of names) {
      // What they make of characters beyond the first plane is another matter on each of them.
      if (/[\n😀]/u.test(name)) continue;
      assert.equal(fits!(name), path.matchesGlob(name, pattern), `${pattern} and ${JSON.stringify(name)}`);
    }
  }
  assert.ok(readGlob("?")[0]!("😀"));
  assert.ok(readGlob("*")[0]!("\n"));
});
