/**
 * Hosts in Electron, by a stand-in: a process on Node that takes itself for Electron, with an executable that runs scripts only
 * when it is told to. No Electron was run.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LaunchOptions } from "../../mod.ts";
import { composeCommand } from "../../src/handshake/mod.ts";
import { programPath } from "../support/life.ts";
import { runtimeExecutable } from "../support/runtimes.ts";

const run = promisify(execFile);
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/electron/${name}`, import.meta.url));
const node = realpathSync(runtimeExecutable("node"));

interface Outcome {
  readonly said?: string;
  readonly asNode?: string | null;
  readonly code?: string;
  readonly message?: string;
}

/** What a host in Electron met. */
async function inElectron(
  entry: string,
  options: LaunchOptions = {},
  env: Record<string, string> = {},
): Promise<Outcome> {
  const bin = path.dirname(runtimeExecutable("node"));
  const { stdout } = await run(
    node,
    ["--import", fixture("be_electron.mjs"), fixture("host.ts"), entry, JSON.stringify(options)],
    { env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, PLUGWIRE_TEST_NODE: node, ...env }, timeout: 60_000 },
  );
  return JSON.parse(stdout) as Outcome;
}

describe("a host in Electron", () => {
  const plugin = programPath("plugin.ts");

  it("runs scripts on Electron's executable, told to be a Node", async () => {
    assert.deepEqual(await inElectron(plugin), { said: "hello", asNode: "1" });
    assert.deepEqual(await inElectron(plugin, { inheritEnv: true, env: { ELECTRON_RUN_AS_NODE: "" } }), {
      said: "hello",
      asNode: "1",
    });
  });

  for (const runtime of ["node", "deno", "bun"] as const) {
    it(`runs scripts on the ${runtime} that is installed when that is named`, async () => {
      assert.deepEqual(await inElectron(plugin, { runtime }), { said: "hello", asNode: null });
    });
  }

  it("says what may be why when the app has its fuse runAsNode off", async () => {
    const { code, message } = await inElectron(plugin, {}, { PLUGWIRE_TEST_FUSE: "off" });
    assert.equal(code, "exited");
    assert.match(message!, /the app has started once more/);
    assert.match(message!, /an app whose fuse runAsNode is off ignores: name a runtime that is installed/);
  });

  it("runs an executable as it is", async () => {
    const { code, message } = await inElectron(programPath("says_and_exits.sh"));
    assert.equal(code, "exited");
    assert.doesNotMatch(message!, /Electron/);
  });
});

describe("a file of an asar archive", () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "asar-")));
  after(() => rmSync(root, { recursive: true }));
  // The archive looks like a directory to Electron's fs; here it is one.
  const archived = path.join(root, "app.asar");
  const unpacked = path.join(root, "app.asar.unpacked");
  for (const directory of [archived, unpacked]) mkdirSync(directory);
  for (const name of ["in.js", "both.js", "tool"]) writeFileSync(path.join(archived, name), "");
  writeFileSync(path.join(root, "in.js"), "");
  for (const name of ["both.js", "tool"]) writeFileSync(path.join(unpacked, name), "");
  chmodSync(path.join(unpacked, "tool"), 0o755);

  const table: readonly [name: string, file: string, runtime: "deno" | undefined, argv: readonly string[] | string][] =
    [
      ["is run by Electron itself", "app.asar/in.js", undefined, ["/electron", "app.asar/in.js"]],
      ["is refused for another runtime", "app.asar/in.js", "deno", "not_executable"],
      ["is run where it was unpacked", "app.asar/both.js", "deno", ["/deno", "app.asar.unpacked/both.js"]],
      ["is executed where it was unpacked", "app.asar/tool", undefined, ["app.asar.unpacked/tool"]],
      ["is no matter where there is no archive", "in.js", "deno", ["/deno", "in.js"]],
    ];
  for (const [name, file, runtime, expected] of table) {
    it(`${name}: ${file}`, async () => {
      const composed = composeCommand(path.join(root, file), {
        runtime,
        transport: "stdio",
        cookieKey: "C",
        hostRuntime: "node",
        hostExecPath: "/app",
        hostElectron: "/electron",
        hostCompiled: false,
        os: "linux",
        find: async (name) => `/${name}`,
        stat: async (file) => {
          const facts = statSync(file, { throwIfNoEntry: false });
          return facts && { kind: "file", mode: facts.mode, uid: 0, size: 0, modifiedMs: 0 };
        },
      });
      if (typeof expected === "string") {
        await assert.rejects(composed, (error: { code?: string }) => error.code === expected);
        return;
      }
      const { argv } = await composed;
      const files = argv.filter((word) => !/^(?:run$|--)/.test(word)).map((word) => word.replace(`${root}/`, ""));
      assert.deepEqual(files, expected);
    });
  }
});
