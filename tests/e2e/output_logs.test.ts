/** What a plugin logs and prints, as the records and lines of its host. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { contract, type LogRecord, launch } from "../../mod.ts";
import type { Logs } from "../fixtures/life/logs.ts";
import { leavesNothing, program, Records } from "../support/life.ts";
import { currentRuntime, runtimeCommand, runtimeNames } from "../support/runtimes.ts";

const logsContract = contract<Logs>("logs");
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes as string).toString("base64");
const megabyte = 1024 * 1024;

for (const runtime of runtimeNames) {
  test(`a plugin on ${runtime} logs to its host, each record under its name`, async () => {
    const records = new Records();
    const options = { name: "greeter", runtime, log: records.sink } as const;
    await using plugin = await launch(program("logs.ts"), options);
    const logs = plugin.dispense(logsContract);

    await logs.logged();
    const logged = await records.message("disk is nearly full");
    assert.equal(logged.level, "warn");
    assert.equal(logged.source, "greeter");
    assert.deepEqual({ ...logged.fields }, { disk: "sda1", percent: 97 });
    assert.ok(Math.abs(logged.time - Date.now()) < 10_000);

    await logs.logInCall();
    const inCall = await records.message("in a call");
    assert.deepEqual({ ...inCall.fields }, { step: 1, call: "logs.logInCall" });

    await logs.write(2, base64('{"@level":"debug","@message":"from hclog","@module":"cache","hits":3}\n'));
    const hclog = await records.message("from hclog");
    assert.deepEqual([hclog.level, hclog.source, hclog.fields.hits], ["debug", "greeter.cache", 3]);

    await logs.write(2, base64("[ERROR] with a prefix\nplain\n"));
    assert.equal((await records.message("with a prefix")).level, "error");
    assert.equal((await records.message("plain")).level, "info");

    await logs.console("printed");
    for (const way of ["log", "info", "warn", "error", "stream"]) {
      assert.equal((await records.message(`${way} printed`)).source, "greeter");
    }
    assert.deepEqual(
      records.all.filter(({ source }) => !/^(plugwire\.)?greeter/.test(source)),
      [],
    );
  });

  test(`over stdio what a plugin on ${runtime} prints goes to the log, and the session goes on`, async () => {
    const records = new Records();
    const options = { name: "greeter", runtime, transport: "stdio", log: records.sink } as const;
    await using plugin = await launch(program("logs.ts"), options);
    const logs = plugin.dispense(logsContract);
    for (const text of ["one", "two"]) {
      await logs.console(text);
      for (const way of ["log", "info", "warn", "error", "stream"]) await records.message(`${way} ${text}`);
    }
    await logs.logged();
    assert.equal((await records.message("disk is nearly full")).level, "warn");
  });

  test(`over stdio a native write to fd 1 of a plugin on ${runtime} ends the session, and the error says so`, async () => {
    await leavesNothing(async () => {
      const records = new Records();
      const options = { name: "greeter", runtime, transport: "stdio", log: records.sink, graceMs: 300 } as const;
      await using plugin = await launch(program("logs.ts"), options);
      const logs = plugin.dispense(logsContract);
      const failed = await logs.write(1, base64("hello there, this is text\n")).then(
        () => assert.fail("the session is broken"),
        (error: unknown) => error as Error & { code: string; execution: string },
      );
      assert.equal(failed.code, "protocol", failed.message);
      assert.match(failed.message, /stdout carries the session alone: perhaps something in the plugin wrote to file/);
      assert.match(failed.message, /let it write to stderr, or use transport "unix"/);
      assert.equal(failed.execution, "unknown");
      await plugin.exited;
      await assert.rejects(logs.logged(), { execution: "none" });
    });
  });
}

test("a line of 10 MiB on stdout and one on stderr arrive whole, in pieces", async () => {
  const records = new Records();
  await using plugin = await launch(program("logs.ts"), { log: records.sink });
  const logs = plugin.dispense(logsContract);
  for (const [fd, letter] of [
    [1, "o"],
    [2, "e"],
  ] as const) {
    await logs.write(fd, base64(`${letter.repeat(5 * megabyte)}`));
    await logs.write(fd, base64(`${letter.repeat(5 * megabyte)}\nafter ${fd}\n`));
    await records.message(`after ${fd}`);
    const pieces = records.all.filter(({ message }) => message.startsWith(letter.repeat(10)));
    assert.equal(sum(pieces), 10 * megabyte);
    assert.equal(pieces.at(-1)?.fields.continues, false);
    assert.ok(pieces.every(({ source }) => source === "logs"));
  }
});

function sum(records: readonly LogRecord[]): number {
  return records.reduce((total, { message }) => total + message.length, 0);
}

test("hclog of the wrong types, invalid UTF-8 and noise hurt nobody", async () => {
  const records = new Records();
  await using plugin = await launch(program("logs.ts"), { log: records.sink });
  const logs = plugin.dispense(logsContract);
  for (const fd of [1, 2]) {
    await logs.write(fd, base64('{"@message":5}\n{"@level":7,"@message":null,"@timestamp":{}}\n{"@level":\n'));
    await logs.write(fd, base64(Uint8Array.of(0xff, 0xfe, 0x41, 0x80, 10, 0, 1, 2, 0x1b, 0x5b, 0x32, 0x4a, 13, 10)));
    const noise = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 251);
    await logs.write(fd, base64(noise));
    await logs.write(fd, base64(`\nafter ${fd}\n`));
    await records.message(`after ${fd}`);
  }
  await records.message("5");
  await records.find(({ message }) => message === "\\xff\\xfeA\\x80");
  await logs.logged();
});

test("a sink for the log that throws hurts nobody", async () => {
  const records = new Records();
  const log = (record: LogRecord): void => {
    records.sink(record);
    throw new Error("no room");
  };
  await using plugin = await launch(program("logs.ts"), { log });
  const logs = plugin.dispense(logsContract);
  await logs.logged();
  await records.message("disk is nearly full");
  await logs.logged();
});

test("by default a host's stderr has readable lines of its plugin, info and up, and its stdout is its own", () => {
  const [file = "", ...args] = runtimeCommand(currentRuntime, program("host_logs.ts"));
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assert.ok(
    lines.every((line) => /^\d\d:\d\d:\d\d\.\d{3} (INFO |WARN |ERROR) greeter: /.test(line)),
    stderr,
  );
  const texts = lines.map((line) => line.slice(13)).sort();
  assert.deepEqual(texts, [
    "INFO  greeter: plain line",
    "INFO  greeter: printed",
    "WARN  greeter: disk is nearly full disk=sda1 percent=97",
    "WARN  greeter: prefixed",
  ]);
});

for (const [log, expected] of [
  ["error", ""],
  ["warn", "WARN "],
] as const) {
  test(`log: "${log}" is the lowest level that is written`, () => {
    const [file = "", ...args] = runtimeCommand(currentRuntime, program("host_level.ts"), log);
    const { stderr, status } = spawnSync(file, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(stderr === "" ? "" : stderr.slice(13, 18), expected, stderr);
  });
}

test("log: false writes nothing", () => {
  const [file = "", ...args] = runtimeCommand(currentRuntime, program("host_level.ts"), "false");
  const { stderr, status } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(status, 0);
  assert.equal(stderr, "");
});
