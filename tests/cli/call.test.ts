/** The real command as a process on the runtime of this test, with plugins on all three. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtimeNames } from "../support/runtimes.ts";
import { command, fixture, plugwire, start } from "./_command.ts";

const tools = fixture("tools.ts");
const timeout = 120_000;

describe("plugwire call", { timeout }, () => {
  for (const runtime of runtimeNames) {
    it(`calls a plugin on ${runtime}`, async () => {
      const { code, stdout, stderr } = await plugwire("call", tools, "greeter.greet", "World", "--runtime", runtime);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "Hello, World!\n", stderr: "" });
    });
  }

  it("calls an executable with a cookie and a version of its own", async () => {
    const cookie = ["--cookie-key", "GREETER", "--cookie-value", "it's mine"];
    const { code, stdout } = await plugwire("call", fixture("own_greeter"), "greeter.greet", "World", ...cookie);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "Hello from an executable, World!\n" });
  });

  it("calls over stdio", async () => {
    const { stdout } = await plugwire("call", tools, "greeter.greet", "World", "--transport=stdio");
    assert.equal(stdout, "Hello, World!\n");
  });

  it("calls a method that only the plugin itself knows", async () => {
    const { stdout } = await plugwire("call", fixture("open_methods.ts"), "greeter.greet");
    assert.equal(stdout, "Hello!\n");
  });

  const echoes: [string[], unknown][] = [
    [
      ["1", "-2", "-0.5e1", "true", "null"],
      [1, -2, -5, true, null],
    ],
    [
      ["hello", '"5"', "{}", "[1, 2]", "undefined", "01", ""],
      ["hello", "5", {}, [1, 2], "undefined", "01", ""],
    ],
    [
      ["-s", "5", "--string=true", "--string", "--json", "-s", ""],
      ["5", "true", "--json", ""],
    ],
    [
      ["a", "--", "-s", "--json", "-x"],
      ["a", "-s", "--json", "-x"],
    ],
    [['{"$bigint":"12345678901234567890"}'], [{ $bigint: "12345678901234567890" }]],
    [
      ['{"$object":{"$bytes":1}}', '{"$other":1}'],
      [{ $object: { $bytes: 1 } }, { $other: 1 }],
    ],
  ];
  for (const [args, expected] of echoes) {
    it(`reads the arguments ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await plugwire("call", "--json", tools, "tools.all.echo", ...args);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }

  it("prints JSON in which nothing drives a terminal, and which is the same", async () => {
    const nasty = "\u009b31m\u202e\u2028\u{e0001}\u001b";
    const { stdout } = await plugwire("call", "--json", tools, "tools.all.echo", "-s", nasty);
    assert.match(stdout, /^[\x20-\x7e]*\n$/);
    assert.deepEqual(JSON.parse(stdout), [nasty]);
  });

  const results: [string, string[], string][] = [
    ["nothing for a method that gives nothing", ["nothing"], ""],
    ["null as JSON for a null", ["echo", "null"], "[\n  null\n]\n"],
    ["the hex of bytes", ["bytes", "3"], "<3 bytes: 414141>\n"],
    ["the first of many bytes", ["bytes", "40"], `<40 bytes: ${"41".repeat(32)}…>\n`],
    ["bytes as they are under --raw", ["bytes", "3", "--raw"], "AAA"],
    ["a text as it is under --raw", ["text", "3", "--raw"], "xxx"],
    ["a text with a line's end", ["text", "3"], "xxx\n"],
    ["a text as JSON under --json", ["text", "3", "--json"], '"xxx"\n'],
    ["undefined under --json", ["nothing", "--json"], '{"$undefined":true}\n'],
    [
      "what JSON has no form for",
      ["kinds"],
      '{\n  "big": 12n,\n  "at": 1970-01-01T00:00:00.000Z,\n  "bytes": <3 bytes: 0102ff>,\n  "none": undefined,\n  "nan": NaN\n}\n',
    ],
    [
      "the same as tagged JSON under --json",
      ["kinds", "--json"],
      '{"big":{"$bigint":"12"},"at":{"$date":"1970-01-01T00:00:00.000Z"},"bytes":{"$bytes":"AQL/"},"none":{"$undefined":true},"nan":{"$number":"NaN"}}\n',
    ],
  ];
  for (const [what, [method = "", ...args], expected] of results) {
    it(`prints ${what}`, async () => {
      const { code, stdout, stderr } = await plugwire("call", tools, `tools.all.${method}`, ...args);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
    });
  }

  it("gives a result whole that is larger than a pipe", async () => {
    const { code, bytes } = await plugwire("call", tools, "tools.all.bytes", "3000000", "--raw");
    assert.equal(code, 0);
    assert.equal(bytes.length, 3_000_000);
  });

  it("ends without a word when nobody reads its output", async () => {
    const running = start([...command, "call", tools, "tools.all.text", "3000000"]);
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    assert.deepEqual({ code, stderr }, { code: 141, stderr: "" });
  });

  it("gives the plugin arguments, variables and a directory", async () => {
    const options = ["--arg", "one", "--arg=--two", "--env", "MINE=a=b", "--cwd", "/"];
    const { stdout } = await plugwire("call", tools, "tools.all.where", "--json", ...options);
    assert.deepEqual(JSON.parse(stdout), { cwd: "/", args: ["one", "--two"], mine: "a=b" });
  });

  it("shows the plugin's log on stderr, and what of it is asked for", async () => {
    const shown = await plugwire("call", tools, "tools.all.say", "[WARN] careful");
    assert.match(shown.stderr, /^[\d:.]+ WARN {2}tools: careful\n$/);
    assert.equal((await plugwire("call", tools, "tools.all.say", "careful", "--log=error")).stderr, "");
    assert.equal((await plugwire("call", tools, "tools.all.say", "[ERROR] bad", "--log=off")).stderr, "");
  });

  it("stops the plugin on Ctrl-C, and ends as programs do that were interrupted", async () => {
    const running = start([...command, "call", tools, "tools.all.wait"]);
    await running.stderrHas("waiting");
    // Not by child.kill: after that Deno reports the signal, however the process really ended.
    process.kill(running.child.pid!, "SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /plugwire: ended by SIGINT\n$/);
  });
});
