/** The line of a plugin that waits for hosts, as it is printed and as it is read. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import {
  type DebuggedPlugin,
  debuggedLine,
  entryName,
  parseDebuggedLine,
  readDebugged,
} from "../../src/handshake/mod.ts";

const place: DebuggedPlugin = { address: { network: "unix", path: "/tmp/it's/s" }, secret: "0a".repeat(32) };

it("what is printed is what is read, through a shell too", () => {
  const line = debuggedLine({ "it's": place });
  assert.deepEqual({ ...parseDebuggedLine(`${line}\r`) }, { "it's": place });
  const { stdout } = spawnSync("sh", ["-c", `${line} sh -c 'printf %s "$PLUGWIRE_REATTACH"'`], { encoding: "utf8" });
  assert.deepEqual({ ...readDebugged(stdout) }, { "it's": place });
});

it("other lines, and a variable that is empty, are none", () => {
  for (const line of ["", "PLUGWIRE_REATTACH=", "x PLUGWIRE_REATTACH='{}'", "1|1|unix|/x|plugwire|"])
    assert.equal(parseDebuggedLine(line), undefined);
  for (const value of [undefined, "", "  "]) assert.equal(readDebugged(value), undefined);
  assert.deepEqual({ ...readDebugged("{}") }, {});
});

it("a plugin is called as launch() calls it", () => {
  const at = { os: "linux", directory: "/projects/here" };
  assert.equal(entryName("./greeter.ts", at), "greeter");
  assert.equal(entryName("plugin.ts", at), "here");
  assert.equal(entryName(new URL("file:///p/greeter/src/main.ts"), at), "greeter");
  assert.equal(entryName(["python3", "-u", "greeter.py"], at), "python3");
  assert.equal(entryName(["node", "--inspect", "/p/greeter.ts"], at), "greeter");
});
