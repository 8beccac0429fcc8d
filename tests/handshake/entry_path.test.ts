import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nameOf } from "../../src/handshake/mod.ts";

describe("nameOf", () => {
  const table: readonly (readonly [path: string, name: string])[] = [
    ["/app/greeter.ts", "greeter"],
    ["/app/greeter.plugin.mjs", "greeter.plugin"],
    ["/app/greeter", "greeter"],
    ["C:\\app\\greeter.exe", "greeter"],
    ["/app/greeter/plugin.ts", "greeter"],
    ["/app/greeter/src/main.ts", "greeter"],
    ["/app/greeter/dist/src/index.js", "greeter"],
    ["C:\\app\\greeter\\mod.ts", "greeter"],
    ["./plugin.ts", "plugin"],
    ["../plugin.ts", "plugin"],
    ["plugin.ts", "plugin"],
    ["/plugin.ts", "plugin"],
    ["/src/plugin.ts", "plugin"],
    ["/app/plugin", "plugin"],
  ];
  for (const [path, name] of table) {
    it(`calls ${path} ${name}`, () => assert.equal(nameOf(path), name));
  }
});
