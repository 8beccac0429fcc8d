/** Every way to fail, with its exit code and its words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixture, plugwire } from "./_command.ts";

const tools = fixture("tools.ts");
const timeout = 60_000;

describe("a call that throws", { timeout }, () => {
  it("shows the error and its causes, and exits with 1", async () => {
    const { code, stdout, stderr } = await plugwire("call", tools, "tools.all.fail");
    const text = "DiskError: the disk is full (code ENOSPC)\n  caused by: TypeError: no room\n";
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: "", stderr: text });
  });

  it("gives the same as JSON on stdout under --json", async () => {
    const { code, stdout } = await plugwire("call", tools, "tools.all.fail", "--json");
    assert.equal(code, 1);
    const cause = { name: "TypeError", message: "no room" };
    const error = { kind: "threw", name: "DiskError", message: "the disk is full", code: "ENOSPC", cause };
    assert.deepEqual(JSON.parse(stdout), { error });
  });

  it("shows what is thrown and no error", async () => {
    const { code, stderr } = await plugwire("call", tools, "tools.all.failOddly");
    assert.equal(code, 1);
    assert.match(stderr, /^threw \{\s+"reason": "odd"\s+\}\n$/);
  });
});

describe("Plugwire failing", { timeout }, () => {
  const cases: [string, string[], RegExp, string][] = [
    ["a missing file", ["describe", "/nowhere/plugin.ts"], /cannot launch .*no such file/, "not_found"],
    ["no such program", ["describe", "plugwire-no-such"], /nor a program in PATH/, "not_found"],
    ["a directory", ["describe", fixture("")], /a directory, not a program/, "not_executable"],
    ["a file that is no program", ["describe", fixture("../../../LICENSE")], /chmod \+x/, "not_executable"],
    ["a program that is no plugin", ["describe", fixture("not_a_plugin.ts")], /I am no plugin/, "exited"],
    ["a plugin that fails at its start", ["describe", fixture("throws_at_start.ts")], /no configuration/, "exited"],
    ["another cookie", ["describe", fixture("own_greeter")], /exited with code 1/, "exited"],
    ["a version that it does not speak", ["describe", tools, "--protocol=9"], /version 1; not 9/, "no_common_version"],
    [
      "versions out of the way",
      ["describe", fixture("far_versions.ts")],
      /200; name it with --protocol/,
      "no_common_version",
    ],
    ["a contract that it does not serve", ["call", tools, "greter.greet"], /mean "greeter"\?/, "no_such_contract"],
    ["a method that it does not have", ["call", tools, "greeter.gret"], /mean "greet"\?/, "no_such_method"],
    ["a method with no name near it", ["call", tools, "greeter.xyzzy"], /there is "greet"/, "no_such_method"],
    [
      "a method that only the plugin knows not to exist",
      ["call", fixture("open_methods.ts"), "greeter.xyzzy"],
      /xyzzy/,
      "no_such_method",
    ],
    [
      "arguments that the contract refuses",
      ["call", tools, "greeter.greet", "5"],
      /args\[0\].*; -s 5 passes it as a string$/m,
      "invalid_argument",
    ],
    [
      "a call that takes too long",
      ["call", tools, "tools.all.wait", "--timeout=1500"],
      /within 1500 ms \(--timeout\)/,
      "timeout",
    ],
    [
      "a start that takes too long",
      ["describe", fixture("silent.ts"), "--start-timeout=300"],
      /within 300 ms \(--start-timeout\)/,
      "timeout",
    ],
    ["a plugin that dies in mid-call", ["call", tools, "tools.all.die"], /may have run.*exited with code 7/, "exited"],
  ];
  for (const [what, args, text, wanted] of cases) {
    it(`says of ${what} what it is, and exits with 3`, async () => {
      const { code, stdout, stderr } = await plugwire(...args, "--json");
      assert.equal(code, 3, stderr);
      assert.match(stderr, text);
      assert.match(stderr, /^plugwire: /m);
      assert.doesNotMatch(stderr, /^\s+at .*src\/(?:cli|host|rpc)/m, "a stack of ours");
      assert.ok(!stderr.includes("\x1b"), "colours without a terminal");
      const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
      assert.deepEqual([error.kind, error.code], ["plugwire", wanted]);
    });
  }

  it("shows what the plugin wrote to its stderr as log alone", async () => {
    const { stderr } = await plugwire("describe", fixture("throws_at_start.ts"));
    assert.equal(stderr.match(/error: no configuration/gi)?.length, 1, stderr);
    assert.match(stderr, /; its stderr is above\n$/);
  });

  it("shows it with the error where the log does not", async () => {
    const { stderr } = await plugwire("describe", fixture("throws_at_start.ts"), "--log=off");
    assert.match(stderr, /^plugwire: .*; its stderr ended:\n/);
    assert.equal(stderr.match(/error: no configuration/gi)?.length, 1, stderr);
  });

  it("does not count the start into the time of the call", async () => {
    const { code, stderr } = await plugwire("call", fixture("late.ts"), "late.reply", "--timeout=900");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("offers -s for nothing that a string would not help", async () => {
    const { stderr } = await plugwire("call", tools, "greeter.greet", "-s", "a", "5");
    assert.doesNotMatch(stderr, /-s 5 passes/);
  });

  it("is told with a stack under --debug", async () => {
    const { code, stderr } = await plugwire("call", tools, "greeter.gret", "--debug");
    assert.equal(code, 3);
    assert.match(stderr, /^\s+at .*_call\.ts/m);
  });
});

describe("wrong usage", { timeout }, () => {
  const cases: [string[], RegExp][] = [
    [[], /a command is missing: describe, call, dev/],
    [["cal"], /there is no command "cal"; did you mean "call"\?/],
    [["help", "cal"], /did you mean "call"\?/],
    [["describe"], /needs the path of a plugin/],
    [["describe", tools, "more"], /"more" is too many/],
    [["describe", tools, "--raw"], /--raw is for call/],
    [["describe", tools, "--timeout=5"], /--timeout is for call/],
    [["call", tools], /needs CONTRACT\.METHOD/],
    [["call", tools, "greet"], /must be CONTRACT\.METHOD/],
    [["call", tools, ".greet"], /must be CONTRACT\.METHOD/],
    [["call", tools, "greeter."], /must be CONTRACT\.METHOD/],
    [["call", tools, "greeter.greet", "--jsn"], /no option --jsn; did you mean --json\?/],
    [["call", tools, "greeter.greet", "-x"], /no option -x .*--string -x/],
    [["call", tools, "greeter.greet", "--string"], /--string needs a value/],
    [["call", tools, "greeter.greet", "--json=yes"], /--json takes no value/],
    [["call", tools, "greeter.greet", "--json", "--raw"], /cannot both be/],
    [["call", tools, "greeter.greet", "--timeout", "--json"], /--timeout needs a value/],
    [["call", tools, "greeter.greet", "--timeout", "soon"], /whole number .* not "soon"/],
    [["call", tools, "greeter.greet", "12345678901234567890"], /more than a number can hold/],
    [["call", tools, "greeter.greet", "[1, 9007199254740993]"], /9007199254740993 is more/],
    [["call", tools, "greeter.greet", '{"$bytes": "%"}'], /must hold base64/],
    [["describe", tools, "--runtime", "den"], /did you mean "deno"\?/],
    [["describe", tools, "--transport", "tcp"], /--transport cannot be "tcp"/],
    [["describe", tools, "--protocol", "0"], /protocol version, not "0"/],
    [["describe", tools, "--log", "loud"], /--log cannot be "loud"/],
    [["describe", tools, "--env", "MINE"], /KEY=VALUE, not "MINE"/],
    [["describe", tools, "--cwd", "/nowhere"], /--cwd must be a directory/],
    [["describe", tools, "--cookie-key", "a b"], /letters, digits and underscores/],
  ];
  for (const [args, text] of cases) {
    it(`is told for: ${args.map((arg) => (arg === tools ? "tools.ts" : arg)).join(" ") || "nothing at all"}`, async () => {
      const { code, stdout, stderr } = await plugwire(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, text);
      assert.match(stderr, /plugwire --help shows how it is used\n$/);
      assert.ok(!stdout.includes("\n") || args.includes("--json"));
    });
  }
});
