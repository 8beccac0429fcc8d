import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";

test("under a host such as go-plugin the line is the first that the plugin prints, and names its own protocol", async () => {
  const [program, ...args] = runtimeCommand(currentRuntime, new URL("./_served.ts", import.meta.url));
  const cookie = { PLUGWIRE_PLUGIN: "6a1f2c4e-8d0b-4f57-9c3e-5b7a90d1e2f4" };
  const child = spawn(program!, args, {
    env: { ...process.env, ...cookie, PLUGIN_PROTOCOL_VERSIONS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const [, path] = /^1\|1\|unix\|([^|]+)\|plugwire\|\n$/.exec(line) ?? assert.fail(JSON.stringify(line));
  assert.ok(existsSync(path!));
  // Not child.kill(): after it Deno reports the signal as the end, whatever the child did with it.
  process.kill(child.pid!, "SIGTERM");
  const [code] = (await exited) as [number | null];
  assert.equal(code, 0);
  assert.ok(!existsSync(path!), "the socket is removed");
});
