/** What the command says of a plugin, of itself, and what a plugin says of the command. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { currentRuntime, runtimeCommand, runtimeExecutable, runtimeNames } from "../support/runtimes.ts";
import { command, fixture, plugwire, start } from "./_command.ts";

const tools = fixture("tools.ts");
const timeout = 60_000;
const source = (path: string): URL => new URL(`../../src/${path}`, import.meta.url);

describe("plugwire describe", { timeout }, () => {
  for (const runtime of runtimeNames) {
    it(`lists what a plugin on ${runtime} serves`, async () => {
      const { code, stdout, stderr } = await plugwire("describe", tools, `--runtime=${runtime}`);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(
        stdout,
        /^tools\n {2}protocol version 1\n {2}made with plugwire-ts \S+\n\ngreeter\n {2}greet[\s\S]*\n\ntools\.all\n {2}echo\n/,
      );
    });
  }

  it("gives the same as JSON", async () => {
    const { stdout } = await plugwire(
      "describe",
      "--json",
      fixture("own_greeter"),
      "--cookie-key=GREETER",
      "--cookie-value=it's mine",
    );
    const { software, ...rest } = JSON.parse(stdout);
    assert.match(software, /^plugwire-ts /);
    const contracts = [{ name: "greeter", methods: ["greet"] }];
    assert.deepEqual(rest, { name: "own_greeter", version: 3, versions: [2, 3], contracts });
  });

  it("describes the version that is asked for, and names the others", async () => {
    const own = ["--cookie-key=GREETER", "--cookie-value=it's mine", "--protocol=2"];
    const { stdout } = await plugwire("describe", fixture("own_greeter"), ...own);
    assert.match(stdout, /protocol version 2, also speaks 3\n[\s\S]*\nIt serves no contract\.\n$/);
  });

  it("says of methods that only the plugin knows that it is so", async () => {
    const { stdout } = await plugwire("describe", fixture("open_methods.ts"));
    assert.match(stdout, /greeter\n {2}\(its methods are known only to the plugin itself\)\n$/);
  });

  it("shows what a contract says of its methods", async () => {
    const { stdout } = await plugwire("describe", tools);
    const notes = ["Greets somebody.", "By name.", "(may be repeated)"].map((line) => `    ${line}`);
    const lines = ["  greet(string) => string", ...notes, "  part() => string", ""];
    assert.ok(stdout.includes(`\ngreeter\n${lines.join("\n")}`), stdout);
    const { contracts } = JSON.parse((await plugwire("describe", tools, "--json")).stdout);
    const about = { greet: { description: "Greets somebody.\nBy name.", idempotent: true } };
    const signatures = { greet: "(string) => string", part: "() => string" };
    assert.deepEqual(contracts[0], { name: "greeter", methods: ["greet", "part"], about, signatures });
  });
});

describe("the command on itself", { timeout }, () => {
  it("shows its help", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, stdout, stderr } = await plugwire(...args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, /describe PLUGIN[\s\S]*call PLUGIN CONTRACT\.METHOD[\s\S]*Exit codes: 0/);
      for (const each of [70, 130, 141, 143]) assert.match(stdout, new RegExp(`\\b${each}\\b`));
    }
  });

  it("shows the help of each command", async () => {
    for (const name of ["describe", "call"]) {
      for (const args of [
        [name, "--help"],
        ["help", name],
      ]) {
        const { code, stdout } = await plugwire(...args);
        assert.equal(code, 0);
        assert.ok(stdout.startsWith(`plugwire ${name} PLUGIN`), stdout);
        assert.match(stdout, /--start-timeout MS/);
        assert.equal(stdout.includes("--timeout MS"), name === "call");
        assert.equal(stdout.includes("--raw"), name === "call");
        assert.ok(
          stdout.split("\n").every((line) => line.length <= 120),
          "lines that fit",
        );
      }
    }
  });

  it("prints its version, which is the package's", async () => {
    const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    const { code, stdout } = await plugwire("--version");
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `plugwire ${manifest.version}\n` });
  });

  it("says on an old Node that it needs a newer one", async () => {
    const node = runtimeExecutable("node");
    const { code, stderr } = await start([
      node,
      `--import=${fixture("old_node.mjs")}`,
      fileURLToPath(source("cli/bin.ts")),
    ]).ended;
    assert.deepEqual(
      { code, stderr },
      { code: 3, stderr: "plugwire: Plugwire needs Node 24 or newer, and this is Node 20.20.2\n" },
    );
  });

  it("begins with files in which an old Node finds no syntax error", async () => {
    for (const path of ["cli/bin.ts", "runtime/too_old.ts"]) {
      const text = await readFile(source(path), "utf8");
      const as = (target: ts.ScriptTarget): string =>
        ts.transpileModule(text, { compilerOptions: { target, module: ts.ModuleKind.ESNext } }).outputText;
      assert.equal(as(ts.ScriptTarget.ES2018), as(ts.ScriptTarget.ESNext), path);
    }
    const imports = (await readFile(source("cli/bin.ts"), "utf8")).match(/^import .*$/gm);
    assert.deepEqual(imports, ['import { endTooOld, tooOldNode } from "../runtime/too_old.ts";']);
    assert.doesNotMatch(await readFile(source("runtime/too_old.ts"), "utf8"), /^import /m);
  });

  it("can be imported without running", async () => {
    const { ExitCode, main, run } = await import("../../src/cli/mod.ts");
    assert.deepEqual([ExitCode.ok, typeof main, typeof run], [0, "function", "function"]);
  });
});

describe("a plugin started by hand", { timeout }, () => {
  const plugins: [string, readonly string[]][] = [
    ["a script", runtimeCommand(currentRuntime, new URL("../fixtures/cli/tools.ts", import.meta.url))],
    ["an executable with a cookie of its own", [fixture("own_greeter")]],
  ];
  for (const [what, argv] of plugins) {
    it(`prints lines that work: ${what}`, async () => {
      const { code, stdout, stderr } = await start(argv).ended;
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      const lines = stderr
        .slice(stderr.indexOf("Try it:\n") + 8)
        .trimEnd()
        .split("\n");
      assert.equal(lines.length, 2);
      for (const line of lines) {
        // Each line as a shell runs it, but for how the command is found: the package is not installed here.
        const ours = line.replace(
          /^ {2}(?:npx|bunx --bun) @plugwire\/plugwire |^ {2}deno run -A jsr:@plugwire\/plugwire\/cli /,
          "plugwire ",
        );
        assert.match(ours, /^plugwire (?:describe|call) /);
        const shell = `plugwire() { ${command.map((word) => `'${word}'`).join(" ")} "$@"; }; ${ours}`;
        const result = await start(["sh", "-c", shell]).ended;
        assert.equal(result.code, 0, result.stderr);
        assert.match(
          result.stdout,
          line.includes(" call ") ? /^Hello.* (?:World|ARGUMENTS)!\n$/ : /greeter\n {2}greet/,
        );
      }
    });
  }
});
