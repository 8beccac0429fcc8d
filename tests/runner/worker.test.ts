import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, type LaunchOptions, launch, type Plugin, workerRunner } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import type { Logs } from "../fixtures/worker/logs.ts";
import { gone, isRunning, leavesNothing, pluginError, program, programPath, Records, timed } from "../support/life.ts";
import { currentRuntime, runtimeNames } from "../support/runtimes.ts";

function open(options: LaunchOptions = {}, script = "plugin.ts"): Promise<Plugin> {
  return launch(program(script), { runner: workerRunner(), log: false, startTimeoutMs: 30_000, ...options });
}

describe("a plugin in a worker", () => {
  it("answers calls, and ends well when it is stopped", async () => {
    await leavesNothing(async () => {
      const plugin = await open();
      assert.deepEqual([plugin.name, plugin.pid], ["life", undefined]);
      assert.deepEqual(await plugin.dispense(life).echo({ a: [1] }), { a: [1] });
      assert.ok((await plugin.ping()) >= 0);
      assert.ok((await timed(() => plugin.stop())) < 1_500, "it waited for something");
      assert.deepEqual(await plugin.exited, { code: 0, signal: null });
    });
  });

  it("has arguments and an environment of its own, without the secret", async () => {
    await using plugin = await open({ args: ["one", "two"], env: { OWN: "yes" } });
    const proxy = plugin.dispense(life);
    assert.deepEqual(await proxy.args(), ["one", "two"]);
    const environment = await proxy.environment();
    assert.deepEqual([environment.OWN, environment.PATH], ["yes", process.env.PATH]);
    const left = Object.keys(environment).filter((name) => /^PLUG(IN_|WIRE_(?!TEST))/.test(name));
    assert.deepEqual(left, []);
    assert.equal(process.env.OWN, undefined);
  });

  it("inherits no environment where it is not to", async () => {
    await using plugin = await open({ inheritEnv: false, env: { OWN: "yes" } });
    const { PATH, OWN } = await plugin.dispense(life).environment();
    assert.deepEqual([PATH, OWN], [undefined, "yes"]);
  });

  it("prints into its own output, and logs under its name", async () => {
    const records = new Records();
    await using plugin = await open({ log: records.sink }, "../worker/logs.ts");
    const proxy = plugin.dispense(contract<Logs>("logs"));
    await proxy.logged();
    const record = await records.message("disk is nearly full");
    assert.deepEqual([record.level, record.source, record.fields], ["warn", "logs", { percent: 97 }]);
    await proxy.print("a line");
    for (const way of ["log", "error", "stdout", "stderr"]) {
      assert.equal((await records.message(`${way} a line`)).source, "logs");
    }
  });

  it("hands what it prints to the sink of stdout", async () => {
    let text = "";
    const printed = Promise.withResolvers<void>();
    const stdout = (bytes: Uint8Array): void => {
      text += new TextDecoder().decode(bytes);
      if (text.includes("to the sink\n")) printed.resolve();
    };
    await using plugin = await open({ stdout });
    await plugin.dispense(life).print("to the sink");
    await printed.promise;
    assert.equal(text, "to the sink\n");
  });

  for (const how of ["throwUncaught", "rejectUnhandled"] as const) {
    it(`ends alone when it fails by ${how}, and says of what`, async () => {
      await leavesNothing(async () => {
        const plugin = await open();
        const error = await pluginError(plugin.dispense(life)[how]("boom") as unknown as Promise<void>);
        assert.deepEqual([error.code, error.exitCode], ["exited", 1]);
        assert.match(error.message, /Uncaught TypeError: boom/);
        assert.deepEqual(await plugin.exited, { code: 1, signal: null });
        await plugin.stop();
      });
    });
  }

  it("ends alone when it exits, with its code", async () => {
    const plugin = await open();
    const error = await pluginError(plugin.dispense(life).exit(7) as unknown as Promise<void>);
    assert.deepEqual([error.code, error.exitCode], ["exited", 7]);
    assert.deepEqual(await plugin.exited, { code: 7, signal: null });
    await plugin.stop();
  });

  it("is terminated when its event loop is blocked", async () => {
    // Deno keeps some descriptors of a thread that was terminated while it ran.
    const check = currentRuntime === "deno" ? (run: () => Promise<void>) => run() : leavesNothing;
    await check(async () => {
      const plugin = await open();
      const blocked = pluginError(plugin.dispense(life).block() as unknown as Promise<void>);
      assert.deepEqual(await plugin.stop({ graceMs: 200 }), { code: null, signal: "SIGKILL" });
      assert.equal((await blocked).code, "closed");
    });
  });

  it("ends on the SIGTERM of a stop when something keeps it alive", async () => {
    const plugin = await open({ args: ["lingers"] });
    assert.deepEqual(await plugin.stop({ graceMs: 1_000 }), { code: null, signal: "SIGTERM" });
  });

  it("is one of several beside each other", async () => {
    await using first = await open({ name: "first", args: ["1"] });
    await using second = await open({ name: "second", args: ["2"] });
    const proxies = [first, second].map((plugin) => plugin.dispense(life));
    assert.deepEqual(await Promise.all(proxies.map((proxy) => proxy.args())), [["1"], ["2"]]);
    await first.stop();
    assert.equal(await proxies[1]!.echo(1), 1);
  });

  it("may start processes, which are its own to end", async () => {
    await using plugin = await open();
    const pid = await plugin.dispense(life).grandchild(false);
    assert.ok(isRunning(pid));
    process.kill(pid, "SIGKILL");
    await gone(pid);
  });

  it("is refused with another version", async () => {
    const error = await pluginError(open({ versions: { 7: {} } }));
    assert.equal(error.code, "no_common_version");
  });

  it("fails with not_found where there is no script", async () => {
    const error = await pluginError(open({}, "no_such_plugin.ts"));
    assert.deepEqual([error.code, error.execution], ["not_found", "none"]);
  });

  it("fails with what a script throws that cannot be loaded", async () => {
    await leavesNothing(async () => {
      const error = await pluginError(open({}, "throws.ts"));
      assert.deepEqual([error.code, error.exitCode], ["exited", 1]);
      assert.match(
        error.message,
        /exited with code 1 before it gave its handshake line; .*its stderr ended:\s+Uncaught/s,
      );
    });
  });

  it("fails with a hint where a script is no plugin", async () => {
    const error = await pluginError(open({}, "life.ts"));
    assert.match(
      error.message,
      /exited with code 0 before it gave its handshake line.*a plugin is a program that calls serve\(\)/,
    );
  });

  it("fails with timeout where a script never serves", async () => {
    await leavesNothing(async () => {
      const error = await pluginError(open({ startTimeoutMs: 300 }, "../worker/never_serves.ts"));
      assert.equal(error.code, "timeout");
    });
  });

  it("gives a start up", async () => {
    await leavesNothing(async () => {
      const reason = new Error("enough");
      const started = open({ signal: AbortSignal.timeout(200), startTimeoutMs: 20_000 }, "../worker/never_serves.ts");
      await assert.rejects(started, { name: "TimeoutError" });
      const aborted = open({ signal: AbortSignal.abort(reason) });
      await assert.rejects(aborted, reason);
    });
  });

  it("refuses limits: it is part of its host's process", async () => {
    const error = await pluginError(open({ resources: { memoryBytes: 64 * 2 ** 20 } }));
    assert.equal(error.code, "start_failed");
    assert.match(error.message, /resources\.memoryBytes of a worker/);
  });

  const other = runtimeNames.find((name) => name !== currentRuntime)!;
  const refused: readonly (readonly [options: LaunchOptions, message: RegExp])[] = [
    [{ cwd: "/" }, /a worker has the working directory of its host/],
    [{ stdin: "inherit" }, /a worker has no stdin of its own/],
    [{ transport: "unix" }, /transport must be "stdio" for runner worker/],
    [{ runtime: other }, /a worker runs on its host's own runtime/],
    [{ permissions: ["--allow-net"] }, /a worker has the permissions of its host/],
    [{ reattach: true }, /reattach/],
    [{ inspect: true }, /inspect/],
  ];
  for (const [options, message] of refused) {
    it(`refuses the option ${Object.keys(options)[0]}`, async () => {
      await assert.rejects(open(options), (error) => error instanceof TypeError && message.test(error.message));
    });
  }

  it("refuses a whole command", async () => {
    const started = launch([programPath("says.sh")], { runner: workerRunner(), log: false });
    await assert.rejects(started, /a worker runs a script of this machine/);
    await assert.rejects(open({ resources: { openFiles: 10 } }), /cannot limit resources\.openFiles of a worker/);
  });
});
