/** What a call gives and takes that is no data, through the real command on the runtime of this test. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtimeNames } from "../support/runtimes.ts";
import { command, fixture, plugwire, start } from "./_command.ts";

const kit = fixture("kit.ts");
const timeout = 120_000;

describe("plugwire call and streams", { timeout }, () => {
  for (const runtime of runtimeNames) {
    it(`prints what a stream of a plugin on ${runtime} gives`, async () => {
      const { code, stdout, stderr } = await plugwire("call", kit, "kit.count", "4", "--runtime", runtime);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "0\n1\n2\n3\n", stderr: "" });
    });
  }

  const results: [string, string[], string][] = [
    [
      "each item in a line",
      ["kit.rows"],
      '{"id": 1, "tags": ["a", "b"]}\n[]\ntext\nundefined\nMap {"a" => {"b": 1n}}\n',
    ],
    [
      "each item as a line of JSON under --json",
      ["kit.rows", "--json"],
      '{"id":1,"tags":["a","b"]}\n[]\n"text"\n{"$undefined":true}\n{"$map":[["a",{"b":{"$bigint":"1"}}]]}\n',
    ],
    ["texts with nothing added under --raw", ["loose.lines", "--raw"], "onetwo"],
    ["bytes that a generator gives as they are", ["loose.chunks"], "AAB\n"],
    [
      "an object that stays with the plugin as the names of its methods",
      ["kit.table", "x", "--json"],
      '{"$reference":{"kind":"object","methods":["row","count"]}}\n',
    ],
  ];
  for (const [what, args, expected] of results) {
    it(`prints ${what}`, async () => {
      const { code, stdout, stderr } = await plugwire("call", kit, ...args);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
    });
  }

  it("shows what stays with the plugin within other values", async () => {
    const { stdout } = await plugwire("call", kit, "loose.nested");
    const lines = ['"call": [function]', '"table": [object with row, count]', '"items": [stream]'];
    assert.equal(stdout, `{\n${lines.map((line) => `  ${line},\n`).join("")}  "at": [\n    [stream]\n  ]\n}\n`);
  });

  it("writes bytes raw, more than a pipe holds", async () => {
    const { code, bytes } = await plugwire("call", kit, "kit.read", "3000000");
    assert.equal(code, 0);
    assert.equal(bytes.length, 3_000_000);
    assert.ok(bytes.every((byte) => byte === 200));
  });

  it("prints what came before an error, and then the error", async () => {
    const { code, stdout, stderr } = await plugwire("call", kit, "loose.fails");
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: "1\n", stderr: "RangeError: no more\n" });
    const json = await plugwire("call", kit, "loose.fails", "--json");
    assert.equal(json.stdout, '1\n{"error":{"kind":"threw","name":"RangeError","message":"no more"}}\n');
  });

  it("ends without a word when nobody reads what a stream gives", async () => {
    const running = start([...command, "call", kit, "loose.endless"]);
    running.child.stdout?.once("data", () => running.child.stdout?.destroy());
    const { code, stderr } = await running.ended;
    assert.deepEqual({ code, stderr }, { code: 141, stderr: "" });
  });

  it("ends a stream on Ctrl-C", async () => {
    const running = start([...command, "call", kit, "loose.endless"]);
    // Not by child.kill: after that Deno reports the signal, however the process really ended.
    running.child.stdout?.once("data", () => process.kill(running.child.pid!, "SIGINT"));
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.match(stdout, /^0\n1\n/);
    assert.match(stderr, /plugwire: ended by SIGINT\n$/);
  });

  it("passes what comes in on stdin", async () => {
    const running = start([...command, "call", kit, "kit.size", "-"], {}, "pipe");
    running.child.stdin?.end(new Uint8Array(1_000_000));
    const { stdout, stderr } = await running.ended;
    assert.deepEqual({ stdout, stderr }, { stdout: "1000000\n", stderr: "" });
  });

  it("refuses an argument that a command line cannot say", async () => {
    const { code, stdout, stderr } = await plugwire("call", kit, "kit.each", "x");
    const text = "cannot call kit.each: args[0] is a function to call back, and the command cannot make one";
    assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "", stderr: `plugwire: ${text}\n` });
  });
});
