/** How the limits of a plugin's process get into its command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { PluginError } from "../../mod.ts";
import { refusedLimit, withHeapLimit, withSystemLimits } from "../../src/runner/_limited_command.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const mebibyte = 2 ** 20;

function system(os: string, found: Readonly<Record<string, string>> = {}): Runtime {
  return { os, findExecutable: async (name: string) => found[name] } as unknown as Runtime;
}

describe("the heap of a plugin's runtime", () => {
  const memoryBytes = 128 * mebibyte;

  it("gets three quarters of the memory on Node and Deno, before the script", () => {
    const node = withHeapLimit({ argv: ["/bin/node", "p.ts", "a"], name: "p", runtime: "node" }, { memoryBytes });
    assert.deepEqual(node, { argv: ["/bin/node", "--max-old-space-size=96", "p.ts", "a"], env: {} });
    const deno = withHeapLimit({ argv: ["deno", "run", "-A", "p.ts"], name: "p", runtime: "deno" }, { memoryBytes });
    assert.deepEqual(deno.argv, ["deno", "run", "--v8-flags=--max-old-space-size=96", "-A", "p.ts"]);
  });

  it("is told of the memory on Bun", () => {
    const bun = withHeapLimit({ argv: ["bun", "p.ts"], name: "p", runtime: "bun" }, { memoryBytes });
    assert.deepEqual(bun, { argv: ["bun", "p.ts"], env: { BUN_JSC_forceRAMSize: String(memoryBytes) } });
  });

  it("is left alone in a program that Plugwire did not choose a runtime for, and without a limit", () => {
    assert.deepEqual(withHeapLimit({ argv: ["node", "p.ts"], name: "p" }, { memoryBytes }).argv, ["node", "p.ts"]);
    assert.deepEqual(withHeapLimit({ argv: ["node", "p.ts"], name: "p", runtime: "node" }, {}).argv, ["node", "p.ts"]);
  });
});

describe("the limits of the system", () => {
  it("are set by prlimit where there is one", async () => {
    const linux = system("linux", { prlimit: "/usr/bin/prlimit" });
    assert.deepEqual(await withSystemLimits(["p"], { openFiles: 64, cpuSeconds: 5 }, linux), [
      "/usr/bin/prlimit",
      "--nofile=64:64",
      "--cpu=5:6",
      "--",
      "p",
    ]);
    assert.deepEqual(await withSystemLimits(["p"], { memoryBytes: 5 }, linux), ["p"]);
  });

  it("are set by a shell where there is none, and the arguments stay as they are", {
    skip: process.platform === "win32" ? "there is no /bin/sh" : false,
  }, async () => {
    const argv = [
      "/bin/sh",
      "-c",
      'ulimit -n; ulimit -S -t; ulimit -H -t; printf "%s|" "$@"',
      "sh",
      "two words",
      "",
      "$HOME",
    ];
    const [file = "", ...args] = await withSystemLimits(argv, { openFiles: 64, cpuSeconds: 5 }, system("darwin"));
    const { stdout } = spawnSync(file, args, { encoding: "utf8" });
    assert.equal(stdout, "64\n5\n6\ntwo words||$HOME|");
  });

  it("that a shell may not set are told of as those of prlimit are", async () => {
    const [file = "", ...args] = await withSystemLimits(["true"], { openFiles: 2 ** 40 }, system("darwin"));
    const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
    const error = new PluginError("exited", "exited", { exitCode: status, stderr });
    const refused = refusedLimit(error, { openFiles: 2 ** 40 });
    assert.equal(refused?.code, "start_failed", stderr);
    assert.match(refused.message, /^cannot limit resources\.openFiles to 1099511627776: /);
    assert.equal(refusedLimit(error, {}), undefined);
  });

  it("are refused on Windows, which has none", async () => {
    for (const name of ["openFiles", "cpuSeconds"]) {
      await assert.rejects(withSystemLimits(["p"], { [name]: 5 }, system("windows")), {
        code: "start_failed",
        message: new RegExp(`^cannot limit resources\\.${name}: Windows has no such limit`),
      });
    }
  });
});
