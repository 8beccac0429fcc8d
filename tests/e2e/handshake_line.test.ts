/** Programs that start, and do not give the line that a host waits for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { leavesNothing, pluginError, program, programPath, Records, timed } from "../support/life.ts";

/** Prints this and waits for the end of its stdin. */
const says = (text: string): string[] => [programPath("says.sh"), text];
/** Prints this and ends. */
const ends = (stdout: string, stderr: string, how: string): string[] => [
  programPath("says_and_exits.sh"),
  stdout,
  stderr,
  how,
];

interface Case {
  readonly what: string;
  readonly entry: readonly string[];
  readonly options?: LaunchOptions;
  readonly code: string;
  readonly message: RegExp;
  readonly facts?: Readonly<Record<string, unknown>>;
}

const soon = { startTimeoutMs: 300 };

const cases: readonly Case[] = [
  {
    what: "a program that exits with code 0 and says nothing",
    entry: ends("", "", "0"),
    code: "exited",
    message:
      /^plugin says_and_exits\.sh exited with code 0 before it gave its handshake line; it printed nothing to stdout; a plugin is a program that calls serve\(\); it wrote nothing to stderr$/,
    facts: { exitCode: 0, signal: null, stderr: "" },
  },
  {
    what: "a program that exits with code 3",
    entry: ends("", "config missing\\nbye\\n", "3"),
    code: "exited",
    message:
      /exited with code 3 before it gave its handshake line; it printed nothing to stdout; its stderr ended:\n {2}config missing\n {2}bye$/,
    facts: { exitCode: 3, signal: null, stderr: "config missing\nbye", plugin: "says_and_exits.sh" },
  },
  {
    what: "a program that is killed",
    entry: ends("", "last words", "KILL"),
    code: "exited",
    message: /was killed by SIGKILL before it gave its handshake line; .*; its stderr ended:\n {2}last words$/,
    facts: { exitCode: null, signal: "SIGKILL" },
  },
  {
    what: "garbage on stdout, with a colon in it, and then an exit",
    entry: ends("hello: there\\n", "", "1"),
    code: "exited",
    message: /exited with code 1 .*; it printed 13 bytes to stdout, beginning with "hello: there\\n"/,
    facts: { exitCode: 1 },
  },
  {
    what: "garbage on stdout and nothing else",
    entry: says("hello\\nworld"),
    options: soon,
    code: "timeout",
    message:
      /^plugin says\.sh did not give its handshake line within 300 ms \(startTimeoutMs\); it printed 11 bytes to stdout, beginning with "hello\\nworld"; a plugin is a program that calls serve\(\)/,
  },
  {
    what: "nothing at all",
    entry: says(""),
    options: soon,
    code: "timeout",
    message: /within 300 ms \(startTimeoutMs\); it printed nothing to stdout/,
  },
  {
    what: "a line that is nearly one",
    entry: says("1|1|quic|/tmp/x|http\\n"),
    options: soon,
    code: "timeout",
    message: /one line came close: .*its network is "quic", and this host knows unix, tcp, stdio/,
  },
  {
    what: "another core version",
    entry: says("7|1|unix|/tmp/x|plugwire|\\n"),
    code: "core_version",
    message:
      /^cannot launch plugin says\.sh: .*its core version is 7 and this host knows core version 1 only; use a plugin/,
  },
  {
    what: "an unknown network",
    entry: says("1|1|udp|127.0.0.1:9|plugwire|\\n"),
    code: "unknown_network",
    message: /its network is "udp", and this host knows unix, tcp, stdio/,
  },
  {
    what: "a line of a go-plugin gRPC plugin",
    entry: says("1|1|unix|/tmp/x|grpc\\n"),
    code: "unsupported_protocol",
    message:
      /its protocol is "grpc", so it is a plugin of hashicorp\/go-plugin, .*; load it with a go-plugin host, or serve/,
  },
  {
    what: "a line of a go-plugin net/rpc plugin",
    entry: says("1|1|unix|/tmp/x|netrpc|\\n"),
    code: "unsupported_protocol",
    message: /its protocol is "netrpc", so it is a plugin of hashicorp\/go-plugin/,
  },
  {
    what: "a line without a protocol, as go-plugin once wrote it",
    entry: says("1|1|unix|/tmp/x\\n"),
    code: "unsupported_protocol",
    message: /its protocol is "netrpc" \(it names none, which means that one\)/,
  },
  {
    what: "a certificate that nobody asked for",
    entry: says("1|1|unix|/tmp/x|plugwire|TUlJQg\\n"),
    code: "unexpected_certificate",
    message:
      /it brings a certificate \(6 characters of base64\) that this host did not ask for; turn TLS on in both or/,
  },
  {
    what: "a protocol version that is no number",
    entry: says("1|one|unix|/tmp/x|plugwire|\\n"),
    code: "bad_handshake",
    message: /its protocol version must be a whole number from 1 to 2147483647, and is "one"/,
  },
  {
    what: "a line of 20,000 bytes",
    entry: says(`1|1|unix|/${"x".repeat(20_000)}|plugwire|\\n`),
    code: "bad_handshake",
    message: /it is longer than 16,384 bytes/,
  },
  {
    what: "a socket path that is too long",
    entry: says(`1|1|unix|/tmp/${"x".repeat(200)}|plugwire|\\n`),
    code: "address_too_long",
    message: /the path of a Unix socket has at most 10\d bytes, and this one has 205/,
  },
  {
    what: "an address where nothing is",
    entry: says("1|1|unix|/tmp/no-such-directory/s|plugwire|\\n"),
    code: "connect_failed",
    message: /cannot connect to unix \/tmp\/no-such-directory\/s: there is no such socket \(ENOENT\)/,
    facts: { errno: "ENOENT" },
  },
  {
    what: "an address where nothing listens",
    entry: says("1|1|tcp|127.0.0.1:1|plugwire|\\n"),
    code: "connect_failed",
    message: /cannot connect to tcp 127\.0\.0\.1:1: nothing listens there \(ECONNREFUSED\)/,
    facts: { errno: "ECONNREFUSED" },
  },
  {
    what: "a good line and then an exit",
    entry: ends("1|1|unix|/tmp/no-such-directory/s|plugwire|\\n", "oh\\n", "4"),
    code: "exited",
    message: /exited with code 4 before it had said hello; its stderr ended:\n {2}oh$/,
    facts: { exitCode: 4 },
  },
  {
    what: "a line without a newline at the end of stdout",
    entry: ends("7|1|unix|/tmp/x|plugwire|", "", "0"),
    code: "core_version",
    message: /its core version is 7/,
  },
];

for (const { what, entry, options, code, message, facts = {} } of cases) {
  test(`${what} gives ${code}`, async () => {
    await leavesNothing(async () => {
      const ms = await timed(async () => {
        const error = await pluginError(launch(entry, { log: false, ...options }));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.equal(error.execution, "none");
        for (const [name, value] of Object.entries(facts)) assert.equal(Reflect.get(error, name), value, name);
      });
      assert.ok(ms < 3_000, `took ${Math.round(ms)} ms`);
    });
  });
}

test("a plugin whose cookie is another says so in the host's error", async () => {
  await leavesNothing(async () => {
    const options = { log: false, handshake: { cookieValue: "another" } } as const;
    const error = await pluginError(launch(program("plugin.ts"), options));
    assert.equal(error.code, "exited");
    assert.equal(error.exitCode, 1);
    assert.match(error.message, /PLUGWIRE_PLUGIN has another value than this plugin expects/);
  });
});

test("a plugin that throws before it serves shows its error, in the log too", async () => {
  await leavesNothing(async () => {
    const records = new Records();
    const error = await pluginError(launch(program("throws.ts"), { log: records.sink }));
    assert.equal(error.code, "exited");
    assert.match(error.message, /exited with code 1 before it gave its handshake line/);
    assert.match(error.stderr ?? "", /TypeError: no configuration/);
    const record = await records.find(({ message }) => /TypeError: no configuration/.test(message));
    assert.equal(record.level, "error");
    assert.equal(record.source, "throws");
  });
});
