import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkCookie,
  cookieFrom,
  defaultCookie,
  startedByHand,
  startedByHandExitCode,
} from "../../src/handshake/mod.ts";

describe("a cookie", () => {
  const cookie = cookieFrom({ cookieKey: "MY_PLUGIN", cookieValue: "v" });

  it("is PLUGWIRE_PLUGIN by default", () => {
    assert.deepEqual(cookieFrom(), defaultCookie);
    assert.equal(defaultCookie.key, "PLUGWIRE_PLUGIN");
    assert.deepEqual(cookieFrom({ cookieValue: "x" }), { key: "PLUGWIRE_PLUGIN", value: "x" });
  });

  const table = [
    [undefined, "absent"],
    ["", "absent"],
    ["v", "match"],
    ["V", "different"],
    ["v ", "different"],
  ] as const;
  for (const [value, expected] of table) {
    it(`with ${JSON.stringify(value)} in the environment is ${expected}`, () => {
      assert.equal(
        checkCookie((name) => (name === "MY_PLUGIN" ? value : "v"), cookie),
        expected,
      );
    });
  }

  for (const wrong of [
    { cookieKey: "" },
    { cookieKey: "A=B" },
    { cookieKey: "1A" },
    { cookieKey: "PLUGWIRE_SECRET" },
    { cookieKey: "PLUGIN_MIN_PORT" },
    { cookieValue: "" },
    { cookieValue: "\0" },
  ]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => assert.throws(() => cookieFrom(wrong), TypeError));
  }
});

describe("a plugin started by hand", () => {
  const contracts = [
    { name: "greeter", methods: ["greet", "wave"] },
    { name: "io", methods: [] },
  ];

  it("says what it is, what it serves and how to try it", () => {
    assert.equal(
      startedByHand({ contracts, command: "./plugin.ts" }),
      [
        "This is a Plugwire plugin: a program starts it and calls it. On its own it does nothing.",
        "",
        "It serves:",
        "  greeter  greet, wave",
        "  io",
        "",
        "To debug it: with PLUGWIRE_DEBUG=1 in its environment it waits for programs that you start.",
        "",
        "Try it:",
        "  npx @plugwire/plugwire describe ./plugin.ts",
        "  npx @plugwire/plugwire call ./plugin.ts greeter.greet ARGUMENTS",
        "",
      ].join("\n"),
    );
    assert.equal(startedByHandExitCode, 1);
  });

  it("quotes a path for the shell", () => {
    assert.match(startedByHand({ contracts, command: "/a b/it's.ts" }), /call '\/a b\/it'\\''s\.ts' greeter/);
  });

  it("has a line also for contracts without methods", () => {
    assert.match(
      startedByHand({ contracts: [], command: "p.ts" }),
      /serves no contract[\s\S]*npx @plugwire\/plugwire describe p\.ts\n$/,
    );
  });

  it("names the variable when a program with another cookie started it", () => {
    const cookie = { key: "MY_PLUGIN", value: "v" };
    assert.match(
      startedByHand({ contracts, command: "p.ts", cookie, isDifferent: true }),
      /MY_PLUGIN has another value/,
    );
  });

  it("starts the command in the way of its runtime, with a call that works and its own cookie", () => {
    const example = { contract: "calculator", method: "list", args: ["it's", "[]"] };
    const cookie = { key: "MY_PLUGIN", value: "v" };
    const text = startedByHand({ contracts, command: "p.ts", runtime: "deno", cookie, example });
    const own = "--cookie-key=MY_PLUGIN --cookie-value=v";
    assert.ok(
      text.endsWith(`deno run -A jsr:@plugwire/plugwire/cli call p.ts calculator.list 'it'\\''s' '[]' ${own}\n`),
      text,
    );
    assert.match(startedByHand({ contracts, command: "p.ts", runtime: "bun" }), /bunx --bun @plugwire\/plugwire call/);
  });
});
