/** `plugwire dev` with plugins that print what they like and end as they like. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ByHand } from "../support/by_hand.ts";
import { leavesNothing } from "../support/life.ts";
import { command } from "./_command.ts";

const library = new URL("../../mod.ts", import.meta.url).href;

/** Runs dev with a plugin that does something before it serves. */
async function withDev(first: string, run: (running: ByHand) => Promise<void>): Promise<void> {
  await leavesNothing(async () => {
    // Within the repository: there Deno finds its import map.
    const directory = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".dev-"));
    try {
      const plugin = join(directory, "hostile.ts");
      writeFileSync(
        plugin,
        `import { contract, serve } from ${JSON.stringify(library)};\n${first}\nawait serve(contract("c").implement({ m: () => 1 }));\n`,
      );
      await using running = new ByHand([...command, "dev", plugin]);
      await run(running);
      assert.equal(await running.interrupt(), 130);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

test("a plugin that begins a line before it serves is found, and its output stays as it is", async () => {
  await withDev('process.stdout.write("one\\n\\ntwo\\n\\nbegun");', async (running) => {
    await running.says(/plugin hostile serves/);
    await running.says(/one\n\ntwo\n\nbegun\n/);
    const lines = running.text.match(/PLUGWIRE_REATTACH=/g);
    assert.equal(lines?.length, 1, running.text);
  });
});

test("a plugin that has to be killed leaves no socket", async () => {
  await withDev('process.on("SIGHUP", () => {}); setTimeout(() => { while (true); }, 100);', async (running) => {
    const value = await running.reattach();
    const { path } = (JSON.parse(value) as { hostile: { address: { path: string } } }).hostile.address;
    await running.says(/plugin hostile serves/);
    // Beside the door of dev itself.
    assert.equal(readdirSync(dirname(path)).length, 2);
  });
});

test("files that never come to rest are seen all the same", async () => {
  const first = `import { writeFileSync } from "node:fs";
setInterval(() => writeFileSync(new URL("state.json", import.meta.url), String(Math.random())), 20);`;
  await withDev(first, async (running) => {
    await running.says(/changed: .*state\.json/);
    await running.says(/plugin hostile was reloaded/);
  });
});
