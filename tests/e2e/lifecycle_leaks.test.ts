/** Many launches and ends in a row, and at the same time: every count comes back to where it was. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, pluginError, program, programPath } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";

/** The quickest to start: these tests are about the host. */
const options = { runtime: "bun", log: false } as const;
const lanes = [1, 2, 3, 4, 5];

for (const transport of ["unix", "stdio"] as const) {
  test(`50 launches and stops over ${transport} leave nothing`, async () => {
    await leavesNothing(async () => {
      for (let round = 0; round < 10; round++) {
        const stop = async (): Promise<void> => {
          await using plugin = await launch(program("plugin.ts"), { ...options, transport });
          assert.equal(await plugin.dispense(life).echo(round), round);
        };
        await Promise.all(lanes.map(stop));
      }
    });
  });

  test(`50 plugins killed in the midst of a call over ${transport} leave nothing`, async () => {
    await leavesNothing(async () => {
      for (let round = 0; round < 10; round++) {
        const kill = async (): Promise<void> => {
          const plugin = await launch(program("plugin.ts"), { ...options, transport });
          const error = pluginError(plugin.dispense(life).wait(60_000));
          process.kill(plugin.pid!, "SIGKILL");
          await plugin.exited;
          assert.equal((await error).code, "exited");
          await plugin.stop();
        };
        await Promise.all(lanes.map(kill));
      }
    });
  });
}

test("50 failed starts leave nothing", async () => {
  await leavesNothing(async () => {
    for (let round = 0; round < 10; round++) {
      const entry = [programPath("says_and_exits.sh"), "", "", "3"];
      await Promise.all(lanes.map(() => pluginError(launch(entry, { log: false }))));
    }
  });
});

test("what a killed plugin leaves is gone without a stop", async () => {
  await leavesNothing(async () => {
    const plugin = await launch(program("plugin.ts"), options);
    process.kill(plugin.pid!, "SIGKILL");
    await plugin.exited;
  });
});

test("fifteen plugins at a time are no leak to the runtime, which would warn of one", () => {
  const [file = "", ...args] = runtimeCommand(currentRuntime, program("host_of_many.ts"));
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
});
