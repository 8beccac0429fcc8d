/** Programs that give a good line, and are not what the host can talk to; starts that are given up. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { leavesNothing, pluginError, program, programPath, Records, timed } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
/** Its socket answers whoever connects with this. */
const answers = (text: string): LaunchOptions => ({ args: [base64(text)] });

interface Case {
  readonly what: string;
  readonly entry: URL | readonly string[];
  readonly options?: LaunchOptions;
  readonly code: string;
  readonly message: RegExp;
}

const cases: readonly Case[] = [
  {
    what: "a plugin with another secret",
    entry: program("other_secret.ts"),
    code: "authentication",
    message: /^cannot launch plugin other_secret: .*secret of this launch/,
  },
  {
    what: "a plugin of other versions",
    entry: program("versions.ts"),
    options: { versions: { 1: {}, 2: {} } },
    code: "no_common_version",
    message:
      /share no protocol version: the host speaks 1, 2, the plugin 4, 5; update the one with the lower versions$/,
  },
  {
    what: "a socket that speaks HTTP/2",
    entry: program("answers.ts"),
    options: answers("\0\0\x12\x04\0\0\0\0\0\0\0\0\0"),
    code: "not_plugwire",
    message: /not a Plugwire session: .*which looks like HTTP\/2 \(a gRPC server\?\)/,
  },
  {
    what: "a socket that speaks TLS",
    entry: program("answers.ts"),
    options: answers("\x15\x03\x01\0\x02\x02\x28"),
    code: "not_plugwire",
    message: /which looks like a TLS alert/,
  },
  {
    what: "a socket that speaks text",
    entry: program("answers.ts"),
    options: answers("220 mail ready\r\n"),
    code: "not_plugwire",
    message: /got "220 mail ready\\r\\n" .*which looks like text/,
  },
  {
    what: "a socket that closes",
    entry: program("answers.ts"),
    code: "closed",
    message: /^plugin answers closed the connection before it had said hello; it wrote nothing to stderr$/,
  },
  {
    what: "a socket that says nothing more than the preface",
    entry: program("answers.ts"),
    options: { ...answers("\x89PWIRE\r\n"), limits: { helloTimeoutMs: 200 } },
    code: "timeout",
    message: /plugin answers did not say hello and prove itself within 200 ms \(limits\.helloTimeoutMs\)/,
  },
  {
    what: "text after a stdio line",
    entry: [programPath("says.sh"), "1|1|stdio|-|plugwire|\\nhello there\\n"],
    options: { transport: "stdio" },
    code: "not_plugwire",
    message:
      /got "hello there\\n" .*looks like text; over stdio, stdout carries the session alone: .*let it write to stderr/,
  },
  {
    what: "a contract that the plugin does not serve",
    entry: program("plugin.ts"),
    options: { contracts: [{ name: "lief" }] },
    code: "no_such_contract",
    message: /serves no contract "lief"; did you mean "life"\?/,
  },
];

for (const { what, entry, options, code, message } of cases) {
  test(`${what} gives ${code}`, async () => {
    await leavesNothing(async () => {
      const ms = await timed(async () => {
        const error = await pluginError(launch(entry, { log: false, ...options }));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.equal(error.execution, "none");
      });
      assert.ok(ms < 5_000, `took ${Math.round(ms)} ms`);
    });
  });
}

test("both lists of versions are facts of the error", async () => {
  const error = await pluginError(launch(program("versions.ts"), { log: false, versions: { 1: {}, 2: {} } }));
  assert.deepEqual(error.hostVersions, [1, 2]);
  assert.deepEqual(error.pluginVersions, [4, 5]);
});

test("a directory for temporary files with too long a name is named, and nothing is started", async () => {
  const before = process.env.TMPDIR;
  const parent = mkdtempSync(path.join(tmpdir(), "life-"));
  const long = path.join(parent, "d".repeat(120));
  mkdirSync(long);
  process.env.TMPDIR = long;
  try {
    await leavesNothing(async () => {
      const error = await pluginError(launch(program("plugin.ts"), { log: false }));
      assert.equal(error.code, "address_too_long");
      assert.match(
        error.message,
        /has at most 10\d bytes, and this one has 1\d\d; set TMPDIR to a directory with a shorter/,
      );
    });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(parent, { recursive: true });
  }
});

test("a start that was given up before it began starts nothing", async () => {
  await leavesNothing(async () => {
    const reason = new Error("changed my mind");
    await assert.rejects(launch(program("plugin.ts"), { signal: AbortSignal.abort(reason), log: false }), reason);
  });
});

test("a start that is given up while the plugin starts leaves nothing", async () => {
  await leavesNothing(async () => {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const records = new Records();
    const entry = [programPath("says.sh"), "starting\\n"];
    const started = launch(entry, { signal: controller.signal, log: records.sink });
    const failed = assert.rejects(started, reason);
    await records.message("starting");
    const ms = await timed(async () => {
      controller.abort(reason);
      await failed;
    });
    assert.ok(ms < 1_000, `took ${Math.round(ms)} ms`);
  });
});

test("a start that is given up at once, while the host still prepares it, leaves nothing", async () => {
  await leavesNothing(async () => {
    const controller = new AbortController();
    const started = launch(program("plugin.ts"), { signal: controller.signal, log: false });
    controller.abort(new Error("at once"));
    await assert.rejects(started, /at once/);
  });
});

test("a signal has no effect once the plugin is there", async () => {
  const controller = new AbortController();
  await using plugin = await launch(program("plugin.ts"), { signal: controller.signal, log: false });
  controller.abort();
  assert.ok((await plugin.ping()) >= 0);
});

test("a plugin started by hand says what it is and how to try it, and exits with code 1", async () => {
  const [file = "", ...args] = runtimeCommand(currentRuntime, program("plugin.ts"));
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^This is a Plugwire plugin: a program starts it and calls it\. On its own it does nothing\.\n/);
  assert.match(stderr, /It serves:\n {2}life {2}echo, pid/);
  assert.match(stderr, /Try it:\n.* describe \S+plugin\.ts\n.* call \S+plugin\.ts life\.echo ARGUMENTS\n$/);
});
