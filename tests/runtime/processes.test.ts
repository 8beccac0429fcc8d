import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { PluginError } from "../../src/errors/mod.ts";
import type { SpawnOptions } from "../../src/runtime/runtime.ts";
import { failsWith, leavesNothing, Place, runtime, start, textOf, timeout } from "./_host.ts";
import { Tap } from "./_tap.ts";

const place = new Place();

describe(`processes of ${runtime.name}`, { timeout }, () => {
  leavesNothing();

  for (const code of [0, 3, 255]) {
    it(`tells exit code ${code}`, async () => {
      const child = await start(["/bin/sh", "-c", `exit ${code}`]);
      assert.deepEqual(await child.exited, { code, signal: null });
      child.kill("SIGKILL");
      child.release();
    });
  }

  for (const signal of ["SIGTERM", "SIGKILL", "SIGINT"]) {
    it(`sends ${signal} and tells that it ended the child`, async () => {
      const child = await start(["/bin/sleep", "60"]);
      assert.equal(runtime.isAlive(child.pid), true);
      child.kill(signal);
      assert.deepEqual(await child.exited, { code: null, signal });
      assert.equal(runtime.isAlive(child.pid), false);
      child.release();
    });
  }

  it("finds a command by name in the path of the child", async () => {
    const own = await runtime.makePrivateDirectory("bin-", place.directory);
    await writeFile(`${own}/plugwire-probe`, "#!/bin/sh\necho found\n", { mode: 0o755 });
    const child = await start(["plugwire-probe"], { env: { PATH: `${own}:/bin` } });
    const out = new Tap(child.stdio!);
    await out.ended;
    assert.equal(out.all(), "found\n");
    await child.exited;
    child.release();
    assert.equal(await runtime.findExecutable("plugwire-probe", `/nowhere:${own}`), `${own}/plugwire-probe`);
    assert.equal(await runtime.findExecutable("plugwire-probe", "/bin"), undefined);
  });

  it("tells apart what cannot be started", async () => {
    await writeFile(`${place.directory}/plain.txt`, "text", { mode: 0o644 });
    await writeFile(`${place.directory}/lost.sh`, "#!/no/such/interpreter\n", { mode: 0o755 });
    await chmod(`${place.directory}/lost.sh`, 0o755);
    const cases: [string, string[], Partial<SpawnOptions>, ReturnType<typeof failsWith>][] = [
      ["no such file", ["/no/such/program"], {}, failsWith("not_found", "/no/such/program", "no such file")],
      ["no such name", ["plugwire-no-such"], {}, failsWith("not_found", "PATH")],
      ["no interpreter", [`${place.directory}/lost.sh`], {}, failsWith("not_found", "interpreter")],
      ["mode", [`${place.directory}/plain.txt`], {}, failsWith("not_executable", "mode 0644", "chmod +x")],
      ["a directory", [place.directory], {}, failsWith("not_executable", "directory")],
      ["cwd absent", ["/bin/true"], { cwd: "/no/where" }, failsWith("not_found", "working directory /no/where")],
      [
        "cwd a file",
        ["/bin/true"],
        { cwd: `${place.directory}/plain.txt` },
        failsWith("not_found", "working directory"),
      ],
    ];
    for (const [, command, options, check] of cases) {
      for (const ownSession of [false, true]) await assert.rejects(start(command, { ...options, ownSession }), check);
    }
  });

  it("does not take a broken program for a started one", async () => {
    await writeFile(`${place.directory}/broken`, new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0, 1, 2, 3]), {
      mode: 0o755,
    });
    await chmod(`${place.directory}/broken`, 0o755);
    // Some of the system's ways to start a program hand to a shell what it cannot run itself.
    const outcome = await start([`${place.directory}/broken`], { stderr: "null" }).then(
      async (child) => {
        const { code } = await child.exited;
        child.release();
        return code === 0 ? "ran" : "failed";
      },
      (error: PluginError) => (["not_executable", "start_failed"].includes(error.code) ? "refused" : String(error)),
    );
    assert.match(outcome, /^(failed|refused)$/);
  });

  it("gives the child exactly its environment and its working directory", async () => {
    const child = await start(["/usr/bin/env"], { env: { ONE: "1", EMPTY: "", "ODD NAME": "a=b\nc" }, cwd: "/" });
    const out = new Tap(child.stdio!);
    await out.ended;
    assert.deepEqual(out.all().trimEnd().split("\n").sort(), ["EMPTY=", "ODD NAME=a=b", "ONE=1", "c"]);
    await child.exited;
    child.release();
    const other = await start(["/bin/pwd"], { cwd: "/usr" });
    const where = new Tap(other.stdio!);
    await where.ended;
    assert.equal(where.all(), "/usr\n");
    await other.exited;
    other.release();
  });

  it("delivers all of a big output, also what nobody read before the child ended", async () => {
    const child = await start(["/bin/sh", "-c", "head -c 8388608 /dev/zero; printf end"]);
    const out = new Tap(child.stdio!);
    await out.ended;
    assert.equal(out.length, 8_388_611);
    await child.exited;
    child.release();

    const quick = await start(["/bin/sh", "-c", "printf out; printf err >&2"], { stderr: "pipe" });
    await quick.exited;
    await place.arrival();
    const late = new Tap(quick.stdio!);
    const [error] = await Promise.all([textOf(quick.stderr!), late.ended]);
    assert.deepEqual([late.all(), error], ["out", "err"]);
    quick.release();
  });

  it("feeds stdin, ends it, and closes the link when the child has read it all", async () => {
    const child = await start(["/bin/cat"]);
    const out = new Tap(child.stdio!);
    const big = new Uint8Array(1_000_000).fill(65);
    child.stdio!.write(big);
    child.stdio!.end();
    assert.equal(await out.closing, undefined);
    assert.equal(out.length, big.length);
    assert.deepEqual(out.events.slice(-2), ["end", "closed"]);
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    child.release();
  });

  it("survives a child that closes its stdin or dies with it full", async () => {
    const deaf = await start(["/bin/sh", "-c", "exec <&-; printf last; exit 4"]);
    const out = new Tap(deaf.stdio!);
    for (let round = 0; round < 20; round++) deaf.stdio!.write(new Uint8Array(65_536));
    assert.equal((await deaf.exited).code, 4);
    for (let round = 0; round < 20; round++) deaf.stdio!.write(new Uint8Array(65_536));
    assert.equal(await out.closing, undefined);
    assert.equal(out.all(), "last");
    deaf.release();
  });

  it("tells the exit while a grandchild still holds the pipes, and kills it with the group", async () => {
    const child = await start(["/bin/sh", "-c", "sleep 60 & echo $!; exit 2"], { ownSession: true });
    const out = new Tap(child.stdio!);
    await out.until(() => out.all().endsWith("\n"));
    const grandchild = Number(out.all());
    assert.deepEqual(await child.exited, { code: 2, signal: null });
    assert.equal(out.events.includes("end"), false);
    assert.equal(runtime.isAlive(grandchild), true);
    child.killGroup("SIGKILL");
    await out.ended; // The grandchild let go of the pipe.
    child.killGroup("SIGKILL");
    child.killGroup("SIGTERM");
    child.release();
  });

  it("leaves the host's own group alone when the child has no session of its own", async () => {
    const child = await start(["/bin/sleep", "60"]);
    child.killGroup("SIGKILL");
    assert.deepEqual(await child.exited, { code: null, signal: "SIGKILL" });
    child.release();
    child.killGroup("SIGKILL");
  });

  it("sets standard streams to the null device", async () => {
    const child = await start(["/bin/cat"], { stdin: "null", stdout: "pipe", stderr: "null" });
    const out = new Tap(child.stdio!);
    await out.ended;
    assert.equal(child.stderr, undefined);
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    child.release();
    const mute = await start(["/bin/sh", "-c", "echo nowhere"], { stdin: "null", stdout: "null", stderr: "null" });
    assert.equal(mute.stdio, undefined);
    assert.equal((await mute.exited).code, 0);
    mute.release();
  });

  it("refuses to run nothing", async () => {
    await assert.rejects(start([]), TypeError);
  });

  it("knows what is no process", () => {
    assert.equal(runtime.isAlive(runtime.pid), true);
    for (const pid of [0, -1, 1.5, Number.NaN, 4_194_304]) assert.equal(runtime.isAlive(pid), false);
  });
});
