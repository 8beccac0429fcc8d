/** A trace of real plugins, asked for by the environment: where it goes, and what is not in it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { launch, type TraceEvent } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { leavesNothing, program, Records } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

const marker = "MARKER-of-what-is-sent";

function inDirectory(run: (directory: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "plugwire-test-"));
    try {
      await run(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}

for (const runtime of runtimeNames) {
  for (const transport of ["unix", "stdio"] as const) {
    test(
      `PLUGWIRE_TRACE=path of a plugin on ${runtime} over ${transport} writes a file for its owner alone, without payload and secrets`,
      inDirectory(async (directory) => {
        const file = join(directory, "trace");
        await leavesNothing(async () => {
          const env = { PLUGWIRE_TRACE: file };
          await using plugin = await launch(program("plugin.ts"), { runtime, transport, log: false, env });
          assert.equal(await plugin.dispense(life).echo(marker), marker);
        });
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const text = readFileSync(file, "utf8");
        assert.match(text, /^\d{4}-\S+Z \d+ the host ← HELLO \d+ B$/m);
        assert.match(text, /^\S+ \d+ the host ← DATA #1 OPEN END \d+ B call life\.echo$/m);
        assert.match(text, /^\S+ \d+ the host → DATA #1 END \d+ B returned life\.echo$/m);
        assert.ok(!text.includes(marker));
        assert.doesNotMatch(text, /[0-9a-f]{32}/i);
      }),
    );
  }
}

test("trace: true is lines at level trace in the log that the launch names", async () => {
  const records = new Records();
  await using plugin = await launch(program("plugin.ts"), { name: "seen", trace: true, log: records.sink });
  await plugin.dispense(life).echo(marker);
  const { level, source } = await records.find(({ message }) => / returned life\.echo$/.test(message));
  assert.deepEqual([level, source], ["trace", "plugwire.seen"]);
  const traced = records.all.filter((record) => record.level === "trace");
  assert.ok(!JSON.stringify(traced).includes(marker));
});

test("a trace by the host's environment is not inherited by its plugins", async () => {
  process.env.PLUGWIRE_TRACE = "/nowhere/at/all";
  try {
    const events: TraceEvent[] = [];
    const trace = (event: TraceEvent): void => void events.push(event);
    await using plugin = await launch(program("plugin.ts"), { log: false, trace });
    const got = await plugin.dispense(life).environment();
    assert.equal(got.PLUGWIRE_TRACE, undefined);
    // And what cannot be written breaks nothing.
    assert.ok(events.some(({ method, status }) => method === "environment" && status === "returned"));
  } finally {
    delete process.env.PLUGWIRE_TRACE;
  }
});

test(
  "what was in the file of a trace stays",
  inDirectory(async (directory) => {
    const file = join(directory, "trace");
    writeFileSync(file, "before\n");
    process.env.PLUGWIRE_TRACE = file;
    try {
      await using plugin = await launch(program("plugin.ts"), { log: false });
      await plugin.ping();
    } finally {
      delete process.env.PLUGWIRE_TRACE;
    }
    assert.match(readFileSync(file, "utf8"), /^before\n\S+ \d+ life /);
  }),
);
