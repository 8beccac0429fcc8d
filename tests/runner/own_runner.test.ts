import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, PluginError, processRunner, type Runner, type Running } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, pluginError, program, programPath } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";

const ssh = fileURLToPath(new URL("../fixtures/ssh/ssh.sh", import.meta.url));

/** Plugins of another machine, as one would write it with the public interface. */
function sshRunner(destination: string): Runner {
  const local = processRunner();
  return {
    name: "ssh",
    // What the two machines have in common is the connection.
    transport: "stdio",
    compose: async (entry, { args = [] }) => {
      if (typeof entry === "string" || entry instanceof URL)
        throw new TypeError("name the command as it is over there");
      return { argv: [...entry, ...args], name: destination };
    },
    start: (spec, runtime) => {
      const send = Object.keys(spec.ownEnv).flatMap((name) => ["-o", `SendEnv=${name}`]);
      const argv = [ssh, ...send, destination, ...spec.command.argv];
      return local.start({ ...spec, command: { ...spec.command, argv } }, runtime);
    },
    diagnose: async (error) => {
      if (error.exitCode !== 255) return error;
      return new PluginError("connect_failed", `cannot reach ${destination}`, { cause: error });
    },
  };
}

describe("a runner of one's own", () => {
  const command = runtimeCommand(currentRuntime, program("plugin.ts"));

  it("starts a plugin through another command, and ends it", async () => {
    await leavesNothing(async () => {
      const plugin = await launch(command, {
        runner: sshRunner("there"),
        log: false,
        args: ["one"],
        env: { OWN: "yes" },
      });
      const proxy = plugin.dispense(life);
      assert.deepEqual(await proxy.args(), ["one"]);
      const { OWN, HOME } = await proxy.environment();
      assert.deepEqual([plugin.name, OWN, HOME], ["there", "yes", undefined]);
      proxy.block().catch(() => {});
      // The shell in between ends of the SIGTERM; the group goes with it.
      assert.equal((await plugin.stop({ graceMs: 200 })).signal, "SIGTERM");
    });
  });

  it("says what is wrong in its own words", async () => {
    const error = await pluginError(launch(command, { runner: sshRunner("unknown"), log: false }));
    assert.deepEqual([error.code, error.execution], ["connect_failed", "none"]);
    assert.equal(error.message, "cannot launch plugin unknown: cannot reach unknown");
  });

  it("refuses a transport that it cannot do, and entries that it does not know", async () => {
    await assert.rejects(
      launch(command, { runner: sshRunner("there"), transport: "unix" }),
      /must be "stdio" for runner ssh/,
    );
    await assert.rejects(
      launch(programPath("plugin.ts"), { runner: sshRunner("there") }),
      /name the command as it is over there/,
    );
    await assert.rejects(launch(command, { runner: {} as Runner }), /option runner of launch must be a runner/);
  });

  it("has what it started killed and released at the end, once for each plugin", async () => {
    const local = processRunner();
    const calls: string[] = [];
    const runner: Runner = {
      ...local,
      name: "watched",
      start: async (spec, runtime): Promise<Running> => {
        const running = await local.start(spec, runtime);
        return {
          ...running,
          kill: (signal) => {
            calls.push(signal);
            running.kill(signal);
          },
          release: async () => {
            await running.release();
            calls.push("released");
          },
        };
      },
    };
    const plugin = await launch(program("plugin.ts"), { runner, log: false });
    assert.equal(await plugin.dispense(life).echo(1), 1);
    await plugin.stop();
    assert.deepEqual(calls, ["SIGKILL", "released"]);
  });

  it("is heard with what it throws at the start", async () => {
    const runner: Runner = { name: "none", start: () => Promise.reject(new Error("no machine is free")) };
    await leavesNothing(async () => {
      const error = await pluginError(launch(program("plugin.ts"), { runner, log: false }));
      assert.deepEqual([error.code, error.execution], ["start_failed", "none"]);
      assert.match(error.message, /cannot launch plugin life: no machine is free/);
    });
  });
});
