/** What go-plugin gets wrong in the life of a plugin, each shown to go right here. What a dead host leaves is in lifecycle_orphans. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { launch } from "../../mod.ts";
import { life } from "../fixtures/life/life.ts";
import { gone, leavesNothing, pluginError, program, programPath, Records, timed } from "../support/life.ts";
import { runtimeNames } from "../support/runtimes.ts";

for (const runtime of runtimeNames) {
  test(`a line {"@message":5} on the stderr of a plugin on ${runtime} does not hurt its host`, async () => {
    const records = new Records();
    await using plugin = await launch(program("plugin.ts"), { runtime, log: records.sink });
    const proxy = plugin.dispense(life);
    await proxy.write(2, '{"@message":5}\n');
    assert.equal((await records.message("5")).source, "life");
    assert.equal(await proxy.echo("alive"), "alive");
  });

  test(`a plugin on ${runtime} that never answers a stop does not keep stop() waiting`, async () => {
    await leavesNothing(async () => {
      const plugin = await launch(program("plugin.ts"), { runtime, log: false, graceMs: 200 });
      process.kill(plugin.pid!, "SIGSTOP");
      const ms = await timed(() => plugin.stop());
      assert.ok(ms < 2_000, `took ${Math.round(ms)} ms`);
    });
  });

  test(`a grandchild that holds the pipes of a plugin on ${runtime} does not keep stop() waiting`, async () => {
    await leavesNothing(async () => {
      const plugin = await launch(program("plugin.ts"), { runtime, log: false });
      const pid = await plugin.dispense(life).grandchild(true);
      try {
        const ms = await timed(() => plugin.stop());
        assert.ok(ms < 2_500, `took ${Math.round(ms)} ms`);
      } finally {
        process.kill(pid, "SIGKILL");
        await gone(pid);
      }
    });
  });

  test(`a line of 1 MB without an end on stdout does not stop the reader of a plugin on ${runtime}`, async () => {
    await using plugin = await launch(program("plugin.ts"), { runtime, log: false });
    const proxy = plugin.dispense(life);
    await proxy.write(1, "x".repeat(1_000_000));
    await proxy.write(1, "y".repeat(1_000_000));
    assert.equal(await proxy.echo("alive"), "alive");
  });

  test(`a plugin on ${runtime} has no socket file left once its host is connected, and none when it is killed`, async () => {
    const before = readdirSync(tmpdir());
    const plugin = await launch(program("plugin.ts"), { runtime, log: false });
    assert.deepEqual(readdirSync(tmpdir()), before);
    process.kill(plugin.pid!, "SIGKILL");
    await plugin.stop();
    assert.deepEqual(readdirSync(tmpdir()), before);
  });
}

test("a certificate that nobody asked for is an error, not a crash", async () => {
  const entry = [programPath("says.sh"), "1|1|unix|/tmp/x|plugwire|TUlJQg\\n"];
  const error = await pluginError(launch(entry, { log: false }));
  assert.equal(error.code, "unexpected_certificate");
});

test("the grace before a forced end is the host's to choose", async () => {
  for (const graceMs of [50, 700]) {
    const plugin = await launch(program("plugin.ts"), { log: false, args: ["lingers"], graceMs });
    const ms = await timed(() => plugin.stop());
    assert.ok(ms >= graceMs - 10 && ms < graceMs + 1_000, `${Math.round(ms)} ms with a grace of ${graceMs} ms`);
  }
});

test("a socket path that is too long is the error that is shown", async () => {
  const parent = mkdtempSync(path.join(tmpdir(), "life-"));
  const before = process.env.TMPDIR;
  const long = path.join(parent, "d".repeat(120));
  mkdirSync(long);
  process.env.TMPDIR = long;
  try {
    const error = await pluginError(launch(program("plugin.ts"), { log: false }));
    assert.equal(error.code, "address_too_long");
    assert.match(error.message, /the path of a Unix socket has at most/);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(parent, { recursive: true });
  }
});
