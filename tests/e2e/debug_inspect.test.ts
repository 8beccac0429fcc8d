/** Plugins whose debugger listens, on each runtime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, program, programPath, Records } from "../support/life.ts";
import { runtimeNames, type TestRuntime } from "../support/runtimes.ts";

/** What the debugger of a runtime answers to who asks for its version. */
async function debuggerAt(url: string | undefined): Promise<string> {
  assert.ok(url !== undefined && URL.canParse(url), `a URL, not ${url}`);
  const response = await fetch(`http://${new URL(url).host}/json/version`);
  return ((await response.json()) as { Browser: string }).Browser;
}

const browsers: Readonly<Record<TestRuntime, RegExp>> = { node: /^node\.js\//, deno: /^Deno\//, bun: /^Bun/ };

/** Has a debugger attach and say that the program may run, as an editor does. */
async function attachDebugger(url: string, runtime: TestRuntime): Promise<Disposable> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const methods =
    runtime === "bun"
      ? ["Inspector.enable", "Runtime.enable", "Debugger.enable", "Inspector.initialized"]
      : ["Runtime.enable", "Debugger.enable", "Runtime.runIfWaitingForDebugger"];
  let id = 0;
  socket.onmessage = ({ data }) => {
    // Stopped at the first statement.
    if (String(data).includes('"Debugger.paused"')) send("Debugger.resume");
  };
  const send = (method: string): void => socket.send(JSON.stringify({ id: ++id, method }));
  for (const method of methods) send(method);
  // Deno forgets it now and then, when it comes while modules are still being loaded.
  const again = setInterval(() => send(methods.at(-1)!), 500);
  socket.onclose = () => clearInterval(again);
  return {
    [Symbol.dispose]: () => {
      clearInterval(again);
      socket.close();
    },
  };
}

for (const runtime of runtimeNames) {
  test(`with inspect: true the debugger of a plugin on ${runtime} answers, and is named in the log`, async () => {
    await leavesNothing(async () => {
      const records = new Records();
      await using plugin = await launch(program("plugin.ts"), { runtime, inspect: true, log: records.sink });
      assert.match(await debuggerAt(plugin.inspectorUrl), browsers[runtime]);
      assert.match(plugin.inspectorUrl ?? "", /^ws:\/\/127\.0\.0\.1:\d+\//);
      const { level, source } = await records.message(`the plugin can be debugged at ${plugin.inspectorUrl}`);
      assert.deepEqual([level, source], ["info", "plugwire.life"]);
      assert.equal(await plugin.dispense(life).echo("still a plugin"), "still a plugin");
    });
  });

  for (const mode of ["wait", "break"] as const) {
    test(`with inspect: "${mode}" the start of a plugin on ${runtime} waits for a debugger, past its time`, async () => {
      await leavesNothing(async () => {
        const records = new Records();
        const signal = AbortSignal.timeout(60_000);
        const options: LaunchOptions = { runtime, inspect: mode, startTimeoutMs: 1, log: records.sink, signal };
        const launching = launch(program("plugin.ts"), options);
        launching.catch(() => {});
        const { message, level } = await records.find((record) => record.message.includes("waits for a debugger at "));
        assert.equal(level, "warn");
        using _debugger = await attachDebugger(message.slice(message.lastIndexOf(" ") + 1), runtime);
        await using plugin = await launching;
        assert.equal(await plugin.dispense(life).echo(mode), mode);
      });
    });
  }

  test(`a debugger of a plugin on ${runtime} over stdio does not come between`, async () => {
    const options: LaunchOptions = { runtime, transport: "stdio", inspect: { mode: "run", port: 0 }, log: false };
    await using plugin = await launch(program("plugin.ts"), options);
    assert.match(await debuggerAt(plugin.inspectorUrl), browsers[runtime]);
    assert.equal(await plugin.dispense(life).echo("ü"), "ü");
  });
}

test("what runs by itself and raw commands are refused, with the way out", async () => {
  const inspect = true;
  const log = false;
  await assert.rejects(
    launch([process.execPath, programPath("plugin.ts")], { inspect, log }),
    (error) => error instanceof TypeError && /raw command.*"--inspect", "plugin\.ts"\]/.test(error.message),
  );
  await assert.rejects(
    launch(programPath("says.sh"), { inspect, log }),
    (error) => error instanceof TypeError && /PLUGWIRE_DEBUG=1/.test(error.message),
  );
});

test("options of inspect that cannot be are named", async () => {
  for (const [inspect, names] of [
    [{ port: 70_000 }, /port of|inspect.*port/],
    [{ mode: "walk" }, /mode/],
    [{ hosts: "x" }, /hosts/],
    ["breaks", /inspect/],
  ] as const) {
    const launching = launch(program("plugin.ts"), { inspect: inspect as unknown as true, log: false });
    await assert.rejects(launching, (error) => names.test((error as Error).message));
  }
});
