/**
 * The behaviours of go-plugin's own test suite that do not depend on Go, each under its number in docs/go-plugin.md. Of those
 * that are not here, the handshake's are in tests/handshake, the versions' in tests/host.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { attach, type LaunchOptions, launch, PluginError } from "../../mod.ts";
import { defaultCookie } from "../../src/handshake/mod.ts";
import { life } from "../fixtures/life/life.ts";
import { greeterV1, greeterV2 } from "../fixtures/versions/contracts.ts";
import { joined } from "../support/joined.ts";
import { gone, launchDirectories, leavesNothing, pluginError, program, programPath, Records } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";

const cleaning = new URL("../fixtures/go_plugin/plugin.ts", import.meta.url);
const versioned = new URL("../fixtures/versions/plugin.ts", import.meta.url);
const quiet: LaunchOptions = { log: false, startTimeoutMs: 60_000 };
const says = (line: string): string[] => [programPath("says.sh"), line];

/** A plugin as no host of ours starts it: what it prints, and how it ends. */
async function startedWith(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const [command, ...rest] = runtimeCommand(currentRuntime, versioned, ...args);
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command!, rest, { env: { PATH, HOME, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const read = { stdout: "", stderr: "" };
  child.stderr.on("data", (chunk) => {
    read.stderr += chunk;
  });
  child.stdout.on("data", (chunk) => {
    read.stdout += chunk;
    // It has said where it listens; nobody is going to connect.
    if (read.stdout.includes("\n")) child.kill("SIGTERM");
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { ...read, code };
}

test("case 1: a plugin that gives a valid line is joined at its address", async () => {
  await using plugin = await launch(program("plugin.ts"), quiet);
  assert.equal(await plugin.dispense(life).echo("joined"), "joined");
});

test("case 2: stop lets the plugin clean up", async () => {
  const records = new Records();
  const plugin = await launch(cleaning, { ...quiet, log: records.sink, graceMs: 20_000 });
  assert.deepEqual(await plugin.stop(), { code: 0, signal: null });
  await records.message("cleaned up");
});

test("case 3: stop may be called again, at once and later", async () => {
  const plugin = await launch(program("plugin.ts"), { ...quiet, graceMs: 20_000 });
  const ends = await Promise.all([plugin.stop(), plugin.stop()]);
  ends.push(await plugin.stop());
  assert.deepEqual(ends, Array(3).fill({ code: 0, signal: null }));
});

test("case 4: after a start that failed there is nothing to stop, and nothing starts", async () => {
  await leavesNothing(async () => {
    await pluginError(launch(says("2|1|unix|/s|plugwire|\\n"), quiet));
    await assert.rejects(launch(program("plugin.ts"), { ...quiet, signal: AbortSignal.abort(new Error("no")) }), /no/);
  });
  assert.deepEqual(launchDirectories(), []);
});

test("case 5: a plugin that does not end by itself is made to", async () => {
  const plugin = await launch(program("plugin.ts"), { ...quiet, args: ["lingers", "deaf"], graceMs: 50 });
  assert.deepEqual(await plugin.stop(), { code: null, signal: "SIGKILL" });
});

test("case 6: a plugin that gives no line in time is an error, and is ended", async () => {
  await leavesNothing(async () => {
    const error = await pluginError(launch(says(""), { ...quiet, startTimeoutMs: 300 }));
    assert.equal(error.code, "timeout");
    assert.match(error.message, /did not give its handshake line within 300 ms/);
  });
});

test("case 7: a plugin that exits before its line is an error with its exit code and stderr", async () => {
  const error = await pluginError(launch([programPath("says_and_exits.sh"), "", "no licence\\n", "3"], quiet));
  assert.deepEqual([error.code, error.exitCode], ["exited", 3]);
  assert.match(error.message, /no licence/);
});

test("case 8: garbage in place of the line is shown in the error", async () => {
  const garbage = await pluginError(launch([programPath("says_and_exits.sh"), "lol garbage\\n", "", "0"], quiet));
  assert.match(garbage.message, /lol garbage/);
});

test("case 9: another version of the handshake is refused", async () => {
  assert.equal((await pluginError(launch(says("2|1|unix|/s|plugwire|\\n"), quiet))).code, "core_version");
});

test("case 10: a version that the host does not speak is refused with both lists", async () => {
  const error = await pluginError(launch(program("versions.ts"), { ...quiet, versions: { 3: {}, 9: {} } }));
  assert.equal(error.code, "no_common_version");
  assert.deepEqual(
    [error.hostVersions, error.pluginVersions],
    [
      [3, 9],
      [4, 5],
    ],
  );
});

test("case 11: the highest version that both speak is used", async () => {
  const versions = { 1: { greeter: greeterV1 }, 2: { greeter: greeterV2 }, 3: {} };
  await using plugin = await launch(versioned, { ...quiet, versions });
  assert.equal(plugin.version, 2);
});

test("case 13: a plugin under a host that sends no versions writes its lowest, as the first line", async () => {
  const { stdout } = await startedWith({ [defaultCookie.key]: defaultCookie.value }, "1,2");
  assert.match(stdout, /^1\|1\|unix\|[^|]+\|plugwire\|\n/);
});

test("case 14: a protocol that the host does not speak is refused by name", async () => {
  for (const protocol of ["grpc", "netrpc"]) {
    const error = await pluginError(launch(says(`1|1|unix|/s|${protocol}\\n`), quiet));
    assert.equal(error.code, "unsupported_protocol");
    assert.ok(error.message.includes(protocol), error.message);
  }
});

test("case 16: a plugin without its cookie says what it is, and exits with code 1", async () => {
  const { stdout, stderr, code } = await startedWith({}, "1");
  assert.deepEqual([stdout, code], ["", 1]);
  assert.match(stderr, /This is a Plugwire plugin/);
});

test("case 19: stdout and stderr arrive byte for byte", async () => {
  const taken: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  const plugin = await launch(program("plugin.ts"), {
    ...quiet,
    stdout: (bytes) => void taken.stdout.push(bytes.slice()),
    stderr: (bytes) => void taken.stderr.push(bytes.slice()),
  });
  const proxy = plugin.dispense(life);
  const texts = { stdout: "out\u0000\r\n\n é without an end", stderr: "err\r\nwithout an end" };
  await proxy.write(1, texts.stdout);
  await proxy.write(2, texts.stderr);
  await plugin.stop();
  for (const name of ["stdout", "stderr"] as const) {
    assert.equal(new TextDecoder().decode(joined(taken[name])), texts[name]);
  }
});

test("case 20: lines of stderr have the level that they say", async () => {
  const records = new Records();
  await using plugin = await launch(program("plugin.ts"), { ...quiet, log: records.sink });
  const table: readonly [line: string, level: string, message: string][] = [
    ['{"@level":"warn","@message":"disk full","@module":"m"}', "warn", "disk full"],
    ['["no object"]', "info", '["no object"]'],
    ["[WARN] careful", "warn", "careful"],
    ["panic: boom", "error", "panic: boom"],
  ];
  for (const [line, level, message] of table) {
    await plugin.dispense(life).write(2, `${line}\n`);
    const record = await records.find((each) => each.message.includes(message));
    assert.equal(record.level, level, line);
  }
});

test("case 21: a log line that is too long for one record loses nothing", async () => {
  const records = new Records();
  const plugin = await launch(program("plugin.ts"), { ...quiet, log: records.sink });
  const line = Array.from({ length: 40_000 }, (_, i) => i.toString(36).padStart(5, "0")).join("");
  await plugin.dispense(life).write(2, `${line}\n`);
  await plugin.dispense(life).write(2, "and the end\n");
  await records.message("and the end");
  await plugin.stop();
  assert.ok(
    records.all
      .map(({ message }) => message)
      .join("")
      .includes(line),
  );
});

test("case 22: the host's environment is inherited, and is not when that is said", async () => {
  process.env.GO_PLUGIN_CASE_22 = "set";
  try {
    for (const inheritEnv of [true, false]) {
      const env = { PATH: process.env.PATH ?? "", OWN: "mine" };
      await using plugin = await launch(program("plugin.ts"), { ...quiet, inheritEnv, env });
      const got = await plugin.dispense(life).environment();
      assert.deepEqual([got.GO_PLUGIN_CASE_22, got.OWN], [inheritEnv ? "set" : undefined, "mine"]);
    }
  } finally {
    delete process.env.GO_PLUGIN_CASE_22;
  }
});

test("case 23: a plugin that was let go of is taken over, called and stopped; then it is not to be found", async () => {
  const first = await launch(program("plugin.ts"), { ...quiet, reattach: { lingerMs: 60_000 } });
  const pid = first.pid!;
  const info = await first.detach();
  const second = await attach(info, { log: false });
  assert.equal(second.pid, pid);
  assert.equal(await second.dispense(life).echo("again"), "again");
  await second.stop();
  await gone(pid);
  assert.equal((await pluginError(attach(info, { log: false }))).code, "exited");
});

test("case 25: a crash fails the calls under way, and a ping fails after it and after stop", async () => {
  const records = new Records();
  const plugin = await launch(program("plugin.ts"), { ...quiet, log: records.sink });
  const hanging = pluginError(plugin.dispense(life).hang());
  await records.message("hanging");
  process.kill(plugin.pid!, "SIGKILL");
  const error = await hanging;
  assert.deepEqual([error.code, error.signal, error.execution], ["exited", "SIGKILL", "unknown"]);
  assert.equal((await pluginError(plugin.ping())).code, "exited");
  const stopped = await launch(program("plugin.ts"), quiet);
  assert.ok((await stopped.ping()) >= 0);
  await stopped.stop();
  await assert.rejects(stopped.ping(), PluginError);
});

test("messages of 16 MB cross both ways", async () => {
  await using plugin = await launch(program("plugin.ts"), quiet);
  const sent = "é".repeat(8 * 2 ** 20);
  assert.equal(await plugin.dispense(life).echo(sent), sent);
});
