/** Environment, arguments and PATH of a plugin's process at their edges, and what is left of its secret. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, pluginError, program } from "../support/life.ts";
import { runtimeExecutable, runtimeNames } from "../support/runtimes.ts";

/** A directory with a program of this name, which starts the plugin of these tests on a runtime. */
async function withProgram(runtime: (typeof runtimeNames)[number], use: (bin: string) => Promise<void>): Promise<void> {
  const bin = mkdtempSync(path.join(tmpdir(), "life-bin-"));
  const { pathname } = program("plugin.ts");
  const flags = runtime === "deno" ? "run -A --no-check" : "";
  const file = path.join(bin, "life-in-path");
  writeFileSync(file, `#!/bin/sh\nexec '${runtimeExecutable(runtime)}' ${flags} '${pathname}' "$@"\n`);
  chmodSync(file, 0o755);
  try {
    await use(bin);
  } finally {
    rmSync(bin, { recursive: true });
  }
}

const odd = [
  "",
  " ",
  "two\nlines\r\n",
  "tab\t",
  "'single'",
  '"double"',
  "back\\slash",
  "$HOME `id` $(id)",
  "*?[a]",
  "-",
  "--",
  "--flag=x",
  "=",
  "ünï ✓ 日本語 😀",
  "\u0001\u007f",
  "e\u0301",
];

for (const runtime of runtimeNames) {
  test(`arguments and variables with odd characters reach a plugin on ${runtime} as they are`, async () => {
    const env = Object.fromEntries(odd.map((value, index) => [`LIFE_ODD_${index}`, value]));
    const named = { "life.with-odd name": "1", LIFE_ÜNÏ: "2" };
    await using plugin = await launch(program("plugin.ts"), {
      runtime,
      log: false,
      args: odd,
      env: { ...env, ...named },
    });
    const proxy = plugin.dispense(life);
    assert.deepEqual(await proxy.args(), odd);
    const got = await proxy.environment();
    for (const [name, value] of Object.entries({ ...env, ...named })) assert.equal(got[name], value, name);
  });

  for (const inheritEnv of [true, false]) {
    test(`the plugin's own PATH wins over the host's on ${runtime} with inheritEnv: ${inheritEnv}`, async () => {
      const found = process.env.PATH ?? "";
      await withProgram(runtime, async (bin) => {
        const own = `${bin}:${found}`;
        const options: LaunchOptions = { log: false, inheritEnv, env: { PATH: own } };
        for (const entry of ["life-in-path", ["life-in-path"]]) {
          await using plugin = await launch(entry, options);
          assert.equal((await plugin.dispense(life).environment()).PATH, own);
        }
      });
      const missing = await pluginError(launch(["life-in-path"], { log: false, inheritEnv }));
      assert.equal(missing.code, "not_found");
    });
  }

  test(`with inheritEnv: true a program is found in the host's PATH, on ${runtime}`, async () => {
    const before = process.env.PATH;
    await withProgram(runtime, async (bin) => {
      process.env.PATH = `${bin}:${before}`;
      try {
        for (const entry of ["life-in-path", ["life-in-path"]]) {
          await using plugin = await launch(entry, { log: false });
          assert.equal((await plugin.dispense(life).environment()).PATH, process.env.PATH);
        }
      } finally {
        process.env.PATH = before;
      }
    });
  });

  test(`what a plugin on ${runtime} was told at its start is not passed on to its children`, async () => {
    await using plugin = await launch(program("plugin.ts"), { runtime, log: false, env: { LIFE_ADDED: "passed on" } });
    const inherited = await plugin.dispense(life).childEnvironment();
    assert.match(inherited, /^LIFE_ADDED=passed on$/m);
    assert.doesNotMatch(inherited, /^(PLUGWIRE_(?!TEST)|PLUGIN_)/m);
  });

  test(`the environment that the system keeps of a plugin on ${runtime} is its user's alone to read, and opens no door`, {
    skip: process.platform === "linux" ? false : "there is no /proc",
  }, async () => {
    await using plugin = await launch(program("plugin.ts"), { runtime, log: false });
    const initial = readFileSync(`/proc/${plugin.pid}/environ`, "utf8");
    const directory = /PLUGIN_UNIX_SOCKET_DIR=([^\0]+)/.exec(initial)?.[1];
    assert.ok(directory !== undefined);
    // The door that the secret was for is closed.
    assert.throws(() => readFileSync(path.join(directory, "s")), { code: "ENOENT" });
  });
}

const long = "x".repeat(3_000_000);
for (const [what, options, longest] of [
  ["an argument", { args: [long] }, /argument \d+ has 3000000/],
  ["a variable", { env: { LIFE_LONG: long } }, /variable LIFE_LONG has 3000010/],
  [
    "many variables",
    { env: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`L${i}`, "x".repeat(100_000)])) },
    /\d+ bytes in all/,
  ],
] as const) {
  test(`${what} that the system does not take: said so, and nothing is left`, async () => {
    await leavesNothing(async () => {
      const error = await pluginError(launch(program("plugin.ts"), { log: false, ...options }));
      assert.deepEqual([error.code, error.errno, error.execution], ["start_failed", "E2BIG", "none"]);
      assert.match(error.message, /arguments and environment are more than the system takes/);
      assert.match(error.message, longest);
    });
  });
}

test("a long argument and environment that the system takes arrive", async () => {
  const args = ["x".repeat(100_000)];
  const env = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`LIFE_LONG_${i}`, "y".repeat(100_000)]));
  await using plugin = await launch(program("plugin.ts"), { log: false, args, env });
  assert.deepEqual(await plugin.dispense(life).args(), args);
  assert.equal((await plugin.dispense(life).environment()).LIFE_LONG_9?.length, 100_000);
});
