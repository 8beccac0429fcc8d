/** `plugwire dev`: a plugin that is run anew whenever its files change, and the hosts that join it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { attach, contract, type DebuggedPlugin, launch } from "../../mod.ts";
import { ByHand, withVariable } from "../support/by_hand.ts";
import { gone, leavesNothing, Records } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";
import { command, plugwire } from "./_command.ts";

const said = contract<{ word(): string; pid(): number }>("said");
const library = new URL("../../mod.ts", import.meta.url).href;

/** A plugin's directory, within the repository: there Deno finds its import map. */
class Work implements Disposable {
  readonly directory: string = mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".dev-"));
  readonly plugin: string = join(this.directory, "worked_on.ts");

  constructor() {
    mkdirSync(join(this.directory, "node_modules"));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  says(word: string): void {
    this.write("word.ts", `export const word = ${JSON.stringify(word)};\n`);
    this.write(
      "worked_on.ts",
      `import { contract, serve } from ${JSON.stringify(library)};
import { word } from "./word.ts";
await serve(contract("said").implement({ word: () => word, pid: () => process.pid }));
`,
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

function dev(work: Work, ...more: readonly string[]): ByHand {
  return new ByHand([...command, "dev", work.plugin, ...more]);
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

test("dev reloads on save under the same address, and a broken version leaves the one before", async () => {
  await leavesNothing(async () => {
    using work = new Work();
    work.says("one");
    await using running = dev(work);
    const value = await running.reattach();
    const { path } = (JSON.parse(value) as { worked_on: { address: { path: string } } }).worked_on.address;
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    await withVariable("PLUGWIRE_REATTACH", value, async () => {
      const records = new Records();
      // Asked at once: it waits for the plugin.
      await using before = await launch(work.plugin, { log: records.sink });
      assert.equal(await before.dispense(said).word(), "one");
      work.write("word.ts", 'export const word = "two";\nbroken(\n');
      await running.says(/the one before goes on serving/);
      assert.equal(await before.dispense(said).word(), "one");
      work.write("word.ts", 'export const word = "three";\n');
      await running.says(/plugin worked_on was reloaded/);
      await records.find(({ message }) => /is gone: .*the plugin was reloaded/.test(message));
      await using after = await launch(work.plugin, { log: false });
      assert.equal(await after.dispense(said).word(), "three");
    });
    assert.equal(await running.interrupt(), 130);
    assert.throws(() => statSync(dirname(path)));
  });
});

test("attach takes what stands under a name in the line of dev, as a guest alone", async () => {
  await leavesNothing(async () => {
    using work = new Work();
    work.says("one");
    await using running = dev(work);
    const { worked_on: place } = JSON.parse(await running.reattach()) as { worked_on: DebuggedPlugin };
    const guest = await attach(place, { guest: true, log: false });
    assert.equal(await guest.dispense(said).word(), "one");
    await guest.stop();
    assert.deepEqual(await guest.released, { reason: "detached" });
    await using other = await attach(place, { guest: true, log: false, name: "mine" });
    assert.equal(await other.dispense(said).word(), "one");
    assert.equal(other.name, "mine");
    const wrong = { ...place, secret: "x" };
    await assert.rejects(attach(wrong, { guest: true }), /^TypeError: .*wrong at secret: must be 64 hex/);
    const options = {} as { guest: true };
    await assert.rejects(attach(place, options), /^TypeError: what plugwire dev prints is for guests: .*guest: true/);
    assert.equal(await running.interrupt(), 130);
  });
});

test("dev takes a save without a change, and node_modules, for nothing", async () => {
  using work = new Work();
  work.says("one");
  await using running = dev(work);
  await running.says(/plugin worked_on serves/);
  work.says("one");
  work.write("node_modules/of_another.ts", "export {};\n");
  work.write("notes.txt", "no source\n");
  // What comes later is seen later: had the others counted, they would stand before it.
  work.write("word.ts", 'export const word = "two";\n');
  await running.says(/plugin worked_on was reloaded/);
  assert.equal(count(running.text, /changed: /g), 1);
  assert.match(running.text, /changed: \S+word\.ts\n/);
  assert.equal(await running.interrupt(), 130);
});

test("dev starts the host after --, and again with each new plugin", async () => {
  await leavesNothing(async () => {
    using work = new Work();
    work.says("one");
    const host = join(work.directory, "host.ts");
    work.write(
      "host.ts",
      `import { contract, launch } from ${JSON.stringify(library)};
await using plugin = await launch(new URL("./worked_on.ts", import.meta.url), { log: false });
console.log("the host got", await plugin.dispense(contract("said")).word(), process.argv.slice(2).join());
if (process.argv[2] === "stays") await new Promise((resolve) => setTimeout(resolve, 60_000));
`,
    );
    await using running = dev(work, "--", ...runtimeCommand(currentRuntime, new URL(`file://${host}`)), "stays", "--x");
    await running.says(/the host got one stays,--x/);
    work.write("word.ts", 'export const word = "two";\n');
    await running.says(/the host got two stays,--x/);
    assert.doesNotMatch(running.text, /[0-9a-f]{64}/, "the secret stays within the environment");
    assert.equal(await running.interrupt(), 130);
  });
});

test("dev waits for a plugin that is broken from the start, and watches what it is told", async () => {
  using work = new Work();
  work.says("one");
  work.write("worked_on.ts", "broken(\n");
  using other = new Work();
  await using running = dev(work, "--watch", other.directory, "--name", "mine");
  await running.says(/it is tried again when a file changes/);
  const watched = running.text.split("\n").find((line) => line.includes("watching"));
  assert.ok(watched?.endsWith(`watching ${work.directory} (source files), ${other.directory}`), watched);
  work.says("one");
  await running.says(/plugin mine serves/);
  other.write("template.html", "<p>anything counts here</p>\n");
  await running.says(/plugin mine was reloaded/);
  assert.match(running.text, /^PLUGWIRE_REATTACH='\{"mine":/m);
  assert.equal(await running.interrupt(), 130);
});

test("the plugin ends when dev is killed", async () => {
  using work = new Work();
  work.says("one");
  await using running = dev(work);
  let pid = 0;
  await withVariable("PLUGWIRE_REATTACH", await running.reattach(), async () => {
    await using plugin = await launch(work.plugin, { log: false });
    pid = await plugin.dispense(said).pid();
  });
  running.child.kill("SIGKILL");
  await gone(pid, 15_000);
  // What it could not remove itself.
  const { path } = Object.values(
    JSON.parse(await running.reattach()) as Record<string, { address: { path: string } }>,
  )[0]!.address;
  rmSync(dirname(path), { recursive: true, force: true });
});

test("a command line of dev that cannot be says so", async () => {
  for (const [args, code, says] of [
    [["dev"], 2, /dev needs the path of a plugin/],
    [["dev", "--", "node", "host.ts"], 2, /dev needs the path of a plugin/],
    [["dev", "a.ts", "b.ts"], 2, /"b\.ts" is too many.*after --/],
    [["dev", "a.ts", "--json"], 2, /--json is for describe and call/],
    [["call", "a.ts", "x.y", "--watch", "."], 2, /--watch is for dev/],
    [["dev", "/nowhere/a.ts"], 3, /there is no such file/],
  ] as const) {
    const { code: met, stderr } = await plugwire(...args);
    assert.equal(met, code, stderr);
    assert.match(stderr, says);
  }
});
