/** Plugins that are left the host's terminal: `stdin: "inherit"`, on a terminal of their own each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch } from "../../mod.ts";
import { gone, program } from "../support/life.ts";
import { currentRuntime, runtimeCommand, runtimeNames } from "../support/runtimes.ts";
import { noPty, Terminal } from "../support/terminal.ts";

const skip = noPty;
if (skip !== false) console.log(`skipped: ${skip}`);

function onTerminal(plugin: string, next: string): Terminal {
  const script = new URL("../fixtures/tty/host.ts", import.meta.url);
  return new Terminal(runtimeCommand(currentRuntime, script, plugin, next));
}

interface Pids {
  readonly host: number;
  readonly plugin: number;
}

async function said<T = object>(terminal: Terminal, what: string): Promise<Pids & T> {
  return JSON.parse((await terminal.see(new RegExp(`${what} (\\{.*\\})`)))[1]!) as Pids & T;
}

for (const runtime of runtimeNames) {
  test(`a plugin on ${runtime} asks for a password without echo, and knows the size of the terminal`, {
    skip,
  }, async () => {
    const terminal = onTerminal(runtime, "talk");
    await terminal.see(/Password: /);
    terminal.type("hunter2\r");
    const heard = await said<{ standing: object; size: number[]; backwards: string }>(terminal, "heard");
    assert.deepEqual(heard.standing, { isTerminal: true, isForeground: true });
    assert.deepEqual(heard.size, [33, 111]);
    assert.equal(heard.backwards, "2retnuh");
    assert.ok(!terminal.shown.includes("hunter"), terminal.shown);
    assert.deepEqual(await terminal.ended, { code: 0, signal: null });
    await gone(heard.plugin);
  });

  test(`Ctrl-C reaches a plugin on ${runtime} and its host, and the host decides`, { skip }, async () => {
    const terminal = onTerminal(runtime, "idle");
    const { plugin } = await said(terminal, "there");
    terminal.type("\x03");
    const stopped = await said<{ exit: object }>(terminal, "stopped");
    assert.deepEqual(stopped.exit, { code: 0, signal: null });
    assert.deepEqual(await terminal.ended, { code: 3, signal: null });
    await gone(plugin);
  });

  test(`Ctrl-C ends a host that does not heed it, and its plugin on ${runtime} with it`, { skip }, async () => {
    const terminal = onTerminal(runtime, "default");
    const { plugin } = await said(terminal, "there");
    terminal.type("\x03");
    assert.deepEqual(await terminal.ended, { code: null, signal: "SIGINT" });
    await gone(plugin);
  });

  test(`a plugin on ${runtime} that is killed while it reads without echo leaves the terminal as it was`, {
    skip,
  }, async () => {
    const terminal = onTerminal(runtime, "hold");
    const released = await said<{ before: string[]; after: string[] }>(terminal, "released");
    assert.deepEqual(released.before, ["-icanon", "-echo"]);
    assert.deepEqual(released.after, ["icanon", "echo"]);
    assert.deepEqual(await terminal.ended, { code: 0, signal: null });
  });

  for (const next of ["default", "block"]) {
    const how = next === "block" ? " that is blocked" : "";
    test(`a plugin on ${runtime}${how} is gone when the terminal is closed`, { skip }, async () => {
      const terminal = onTerminal(runtime, next);
      const { plugin, host } = await said(terminal, "there");
      terminal.hangUp();
      assert.deepEqual(await terminal.ended, { code: null, signal: "SIGHUP" });
      await gone(host);
      await gone(plugin);
    });
  }
}

test("the host's terminal is for a plugin that leaves it free, and ends with the host", async () => {
  const entry = program("plugin.ts");
  await assert.rejects(launch(entry, { stdin: "inherit", transport: "stdio" }), {
    name: "TypeError",
    message: /stdin "inherit".*transport "stdio".*session/,
  });
});
