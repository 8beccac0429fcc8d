/** Many launches and kills in a row, wherever the kill comes, on the three runtimes by turns. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, pluginError, program } from "../support/life.ts";

/** Whose turn it is: mostly the quickest to start. */
const turns = ["bun", "bun", "node", "bun", "bun", "deno", "bun", "bun"] as const;

function childrenOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ");
  });
}

test("200 launches and kills in a row leave nothing, wherever the kill came", {
  skip: process.platform === "linux" ? false : "there is no /proc",
}, async () => {
  await leavesNothing(async () => {
    const before = new Set(childrenOf(process.pid));
    const outcomes = new Map<string, number>();
    const round = async (number: number): Promise<void> => {
      const runtime = turns[number % turns.length];
      if (number % 4 === 3) {
        // Given up in the midst of its start, at another point each time.
        const signal = AbortSignal.timeout(number);
        const outcome = await launch(program("plugin.ts"), { runtime, log: false, signal }).then(
          async (plugin) => {
            await plugin.stop({ graceMs: 0 });
            return "stopped";
          },
          (error: unknown) => {
            assert.equal(error, signal.reason);
            return "aborted";
          },
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        return;
      }
      const plugin = await launch(program("plugin.ts"), { runtime, log: false, startTimeoutMs: 60_000 });
      const hanging = pluginError(plugin.dispense(life).hang());
      process.kill(plugin.pid!, "SIGKILL");
      assert.equal((await hanging).code, "exited");
      assert.deepEqual(await plugin.exited, { code: null, signal: "SIGKILL" });
      outcomes.set("killed", (outcomes.get("killed") ?? 0) + 1);
    };
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < 200) await round(next++);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    assert.equal(outcomes.get("killed"), 150);
    assert.deepEqual(
      childrenOf(process.pid).filter((pid) => !before.has(pid)),
      [],
      "no child is left, not as a zombie either",
    );
  });
});
