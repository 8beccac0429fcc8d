/** One suite for the three adapters: it runs over that of whatever runtime runs it. */
import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { PluginError } from "../../src/errors/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Address, ChildProcess, Listener, SpawnOptions } from "../../src/runtime/runtime.ts";
import type { Link } from "../../src/transport/link.ts";
import { countResources, type Resources, resourcesBackTo } from "../support/resources.ts";
import { bytesOf, Tap } from "./_tap.ts";

const runtime = await detectRuntime();
const timeout = 30_000;
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/runtime/${name}.ts`, import.meta.url));
const tools = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
const searchPath = `${tools}:${runtime.env("PATH") ?? ""}`;
const runtimes = ["node", "deno", "bun"] as const;

async function scriptCommand(name: (typeof runtimes)[number], script: string, ...args: string[]): Promise<string[]> {
  const executable = name === runtime.name ? runtime.execPath : await runtime.findExecutable(name, searchPath);
  assert.ok(executable, `${name} must be on the path`);
  return [executable, ...(name === "deno" ? ["run", "-A", "--no-check"] : []), fixture(script), ...args];
}

function start(command: readonly string[], options: Partial<SpawnOptions> = {}): Promise<ChildProcess> {
  return runtime.spawn({
    command,
    env: runtime.environment(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    ownSession: false,
    ...options,
  });
}

const failsWith =
  (code: string, ...parts: (string | RegExp)[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof PluginError, String(error));
    assert.equal(error.code, code, error.message);
    for (const part of parts)
      assert.match(error.message, part instanceof RegExp ? part : new RegExp(RegExp.escape(part)));
    return true;
  };

let directory = "";
let resources: Resources;
before(async () => {
  directory = await runtime.makePrivateDirectory("plugwire-test-");
});
after(async () => {
  await runtime.remove(directory);
});
let sockets = 0;
const socketAddress = (): Address => ({ network: "unix", path: `${directory}/${sockets++}.sock` });

/** Two ends of a connection, neither started. */
async function pair(address: Address = socketAddress()): Promise<{ near: Link; far: Link; listener: Listener }> {
  const accepted = Promise.withResolvers<Link>();
  const listener = await runtime.listen(address, accepted.resolve);
  const near = await runtime.connect(listener.address);
  return { near, far: await accepted.promise, listener };
}

describe(`sockets of ${runtime.name}`, { timeout }, () => {
  beforeEach(() => {
    resources = countResources();
  });
  afterEach(async () => {
    const left = await resourcesBackTo(resources);
    assert.ok(left.descriptors <= resources.descriptors, "a test left a socket open");
  });

  const addresses: [string, () => Address][] = [
    ["a Unix socket", socketAddress],
    ["TCP", () => ({ network: "tcp", host: "127.0.0.1", port: 0 })],
  ];
  for (const [name, address] of addresses) {
    it(`echoes over ${name} and closes once both sides ended`, async () => {
      const { near, far, listener } = await pair(address());
      const [a, b] = [new Tap(near), new Tap(far)];
      near.write(bytesOf("hello"));
      assert.equal(await b.text(5), "hello");
      far.write(bytesOf("and back"));
      assert.equal(await a.text(8), "and back");
      near.end();
      await b.ended;
      far.end();
      assert.equal(await a.closing, undefined);
      assert.equal(await b.closing, undefined);
      assert.deepEqual(a.events, ["bytes", "end", "closed"]);
      assert.deepEqual(b.events, ["bytes", "end", "closed"]);
      await listener.close();
    });

    it(`delivers a late answer after the end of its asker over ${name}`, async () => {
      const { near, far, listener } = await pair(address());
      const [a, b] = [new Tap(near), new Tap(far)];
      near.write(bytesOf("ask"));
      near.end();
      await b.ended;
      // More than the system's buffers take in one go, so that it is sent in pieces after the peer's end.
      const late = new Uint8Array(4 * 1024 * 1024).fill(7);
      await new Promise<void>((resolve) => runtime.setTimer(resolve, 20, { keepAlive: true }));
      far.write(late);
      far.end();
      await a.ended;
      assert.equal(a.length, late.length);
      assert.equal(await a.closing, undefined);
      await b.closing;
      await listener.close();
    });
  }

  it("keeps bytes and the end that came before the start, and never calls from inside start", async () => {
    const { near, far, listener } = await pair();
    const a = new Tap(near);
    near.write(bytesOf("early"));
    near.end();
    await new Promise<void>((resolve) => runtime.setTimer(resolve, 30, { keepAlive: true }));
    const b = new Tap(far, false);
    far.start(b);
    assert.deepEqual(b.events, []);
    await b.ended;
    assert.equal(b.all(), "early");
    far.end();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("gives false past the limit, then drain once what was queued is taken", async () => {
    const { near, far, listener } = await pair();
    const a = new Tap(near);
    const b = new Tap(far, false);
    assert.equal(near.write(new Uint8Array(100)), true);
    let sent = 100;
    while (near.write(new Uint8Array(32_768))) sent += 32_768;
    sent += 32_768;
    assert.ok(sent < 64 * 1024 * 1024, "back-pressure must come");
    assert.deepEqual(a.events, []);
    far.start(b);
    await a.until(() => a.events.includes("drain"));
    assert.equal(near.write(new Uint8Array(10)), true);
    await b.until(() => b.length === sent + 10);
    assert.deepEqual(a.events, ["drain"]);
    near.destroy();
    far.destroy();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("delivers nothing while paused, and all of it in order after", async () => {
    const { near, far, listener } = await pair();
    const a = new Tap(near);
    const b = new Tap(far);
    near.write(bytesOf("one "));
    await b.text(4);
    far.pause();
    near.write(bytesOf("two "));
    await new Promise<void>((resolve) => runtime.setTimer(resolve, 30, { keepAlive: true }));
    assert.equal(b.all(), "one ");
    near.write(bytesOf("three"));
    near.end();
    far.resume();
    await b.ended;
    assert.equal(b.all(), "one two three");
    far.end();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("gives chunks that own their bytes and pin no larger buffer", async () => {
    const { near, far, listener } = await pair();
    const [a, b] = [new Tap(near), new Tap(far)];
    for (let round = 0; round < 50; round++) {
      near.write(new Uint8Array(100).fill(round));
      await b.until(() => b.length === (round + 1) * 100);
    }
    const buffers = new Set(b.chunks.map((chunk) => chunk.buffer));
    assert.equal(buffers.size, b.chunks.length);
    for (const [round, chunk] of b.chunks.entries()) {
      assert.ok(chunk.buffer.byteLength <= 4096, `${chunk.buffer.byteLength} bytes pinned by ${chunk.length}`);
      assert.ok(chunk.every((byte) => byte === round));
      assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype);
    }
    near.destroy();
    far.destroy();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("sends the bytes of a part of a larger buffer, and 64 MiB intact", async () => {
    const { near, far, listener } = await pair();
    const a = new Tap(near);
    const total = 64 * 1024 * 1024;
    let [received, sum] = [0, 0];
    const done = Promise.withResolvers<void>();
    far.start({
      bytes: (chunk) => {
        for (let at = 0; at < chunk.length; at += 4096) sum += chunk[at]! === (received + at) % 251 ? 0 : 1;
        received += chunk.length;
      },
      end: () => far.end(),
      drain: () => {},
      closed: () => done.resolve(),
    });
    const slab = Uint8Array.from({ length: 251 * 400 }, (_, at) => at % 251);
    for (let sent = 0; sent < total; ) {
      const from = sent % 251;
      const piece = slab.subarray(from, from + Math.min(48_000, total - sent));
      sent += piece.length;
      if (!near.write(piece)) {
        const drains = a.events.length;
        await a.until(() => a.events.length > drains);
      }
    }
    near.end();
    await done.promise;
    assert.deepEqual([received, sum], [total, 0]);
    await a.closing;
    await listener.close();
  });

  it("closes both sides when one is destroyed, and takes later writes in silence", async () => {
    const { near, far, listener } = await pair();
    const [a, b] = [new Tap(near), new Tap(far)];
    near.destroy(new PluginError("protocol", "of bad manners"));
    near.destroy();
    failsWith("protocol", "of bad manners")(await a.closing);
    assert.equal(near.write(bytesOf("x")), true);
    near.end();
    await b.ended;
    // The peer is gone: whatever the system says to that, it is no error of the link.
    for (let round = 0; round < 3; round++) far.write(new Uint8Array(100_000));
    far.end();
    assert.equal(await b.closing, undefined);
    assert.equal(a.events.filter((event) => event === "closed").length, 1);
    assert.equal(b.events.filter((event) => event === "closed").length, 1);
    await listener.close();
  });

  it("closes when destroyed before it was started", async () => {
    const { near, far, listener } = await pair();
    near.destroy();
    far.destroy();
    const [a, b] = [new Tap(near), new Tap(far)];
    await Promise.all([a.closing, b.closing]);
    assert.deepEqual([a.events, b.events], [["closed"], ["closed"]]);
    await listener.close();
  });

  it("refuses to connect where nothing listens, and says so", async () => {
    const absent = socketAddress() as { path: string };
    await assert.rejects(runtime.connect({ network: "unix", path: absent.path }), (error: PluginError) => {
      assert.equal(error.errno, "ENOENT");
      return failsWith("connect_failed", absent.path)(error);
    });
    await writeFile(absent.path, "a plain file");
    await assert.rejects(runtime.connect({ network: "unix", path: absent.path }), failsWith("connect_failed"));
    const { near, far, listener } = await pair({ network: "tcp", host: "127.0.0.1", port: 0 });
    near.destroy();
    far.destroy();
    await listener.close();
    await assert.rejects(runtime.connect(listener.address), failsWith("connect_failed", "127.0.0.1"));
  });

  it("refuses to listen where a file is, and removes its own when closed", async () => {
    const address = socketAddress() as Extract<Address, { network: "unix" }>;
    const listener = await runtime.listen(address, () => {});
    assert.equal((await runtime.stat(address.path))?.kind, "socket");
    await assert.rejects(
      runtime.listen(address, () => {}),
      failsWith("start_failed", address.path),
    );
    await listener.close();
    await listener.close();
    assert.equal(await runtime.stat(address.path), undefined);
    assert.equal(await runtime.stat(`${address.path}/below`), undefined);
  });

  it("lets accepted connections live on when the listener closes", async () => {
    const { near, far, listener } = await pair();
    await listener.close();
    const [a, b] = [new Tap(near), new Tap(far)];
    near.write(bytesOf("still here"));
    assert.equal(await b.text(10), "still here");
    near.end();
    far.end();
    await Promise.all([a.closing, b.closing]);
  });

  it("refuses a path that no system takes before it touches anything", async () => {
    const path = `${directory}/${"é".repeat(60)}`;
    const length = bytesOf(path).length;
    const facts = [`${length}`, /107|103/, "TMPDIR"];
    await assert.rejects(
      runtime.listen({ network: "unix", path }, () => {}),
      failsWith("address_too_long", ...facts),
    );
    await assert.rejects(runtime.connect({ network: "unix", path }), failsWith("address_too_long", ...facts));
    assert.equal(
      (await runtime.list(directory)).some((name) => name.includes("é")),
      false,
    );
  });

  it("takes a path of exactly the limit", async () => {
    const limit = runtime.os === "linux" ? 107 : 103;
    const path = `${directory}/`.padEnd(limit, "x");
    const { near, far, listener } = await pair({ network: "unix", path });
    near.destroy();
    far.destroy();
    await listener.close();
  });

  it("rejects with the reason of its signal", async () => {
    const address = socketAddress();
    const listener = await runtime.listen(address, (link) => link.destroy());
    const reason = new Error("changed my mind");
    await assert.rejects(runtime.connect(address, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const connecting = runtime.connect(address, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(connecting, reason);
    await listener.close();
  });
});

describe(`processes of ${runtime.name}`, { timeout }, () => {
  beforeEach(() => {
    resources = countResources();
  });
  afterEach(async () => {
    const left = await resourcesBackTo(resources);
    assert.ok(left.children <= resources.children, "a test left a child");
    assert.ok(left.descriptors <= resources.descriptors, "a test left a pipe");
  });

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
    const own = await runtime.makePrivateDirectory("bin-", directory);
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
    await writeFile(`${directory}/plain.txt`, "text", { mode: 0o644 });
    await writeFile(`${directory}/lost.sh`, "#!/no/such/interpreter\n", { mode: 0o755 });
    await chmod(`${directory}/lost.sh`, 0o755);
    const cases: [string, string[], Partial<SpawnOptions>, ReturnType<typeof failsWith>][] = [
      ["no such file", ["/no/such/program"], {}, failsWith("not_found", "/no/such/program", "no such file")],
      ["no such name", ["plugwire-no-such"], {}, failsWith("not_found", "PATH")],
      ["no interpreter", [`${directory}/lost.sh`], {}, failsWith("not_found", "interpreter")],
      ["mode", [`${directory}/plain.txt`], {}, failsWith("not_executable", "mode 0644", "chmod +x")],
      ["a directory", [directory], {}, failsWith("not_executable", "directory")],
      ["cwd absent", ["/bin/true"], { cwd: "/no/where" }, failsWith("not_found", "working directory /no/where")],
      ["cwd a file", ["/bin/true"], { cwd: `${directory}/plain.txt` }, failsWith("not_found", "working directory")],
    ];
    for (const [, command, options, check] of cases) {
      for (const ownSession of [false, true]) await assert.rejects(start(command, { ...options, ownSession }), check);
    }
  });

  it("does not take a broken program for a started one", async () => {
    await writeFile(`${directory}/broken`, new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0, 1, 2, 3]), {
      mode: 0o755,
    });
    await chmod(`${directory}/broken`, 0o755);
    // Some of the system's ways to start a program hand to a shell what it cannot run itself.
    const outcome = await start([`${directory}/broken`], { stderr: "null" }).then(
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
    await new Promise<void>((resolve) => runtime.setTimer(resolve, 20, { keepAlive: true }));
    const late = new Tap(quick.stdio!);
    let error = "";
    const errorEnded = Promise.withResolvers<void>();
    quick.stderr!.start({
      bytes: (chunk) => {
        error += new TextDecoder().decode(chunk);
      },
      end: errorEnded.resolve,
    });
    await Promise.all([late.ended, errorEnded.promise]);
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

/** Runs a fixture to its end and gives all that it printed and how it ended. */
async function run(
  name: (typeof runtimes)[number],
  script: string,
  options: Partial<SpawnOptions> & { args?: string[]; input?: string } = {},
): Promise<{ out: string; err: string; code: number | null }> {
  const { args = [], input = "", ...rest } = options;
  const child = await start(await scriptCommand(name, script, ...args), { stderr: "pipe", ...rest });
  const out = new Tap(child.stdio!);
  let err = "";
  const errEnded = Promise.withResolvers<void>();
  child.stderr!.start({
    bytes: (chunk) => {
      err += new TextDecoder().decode(chunk);
    },
    end: errEnded.resolve,
  });
  child.stdio!.write(bytesOf(input));
  child.stdio!.end();
  const { code } = await child.exited;
  await Promise.all([out.ended, errEnded.promise]);
  child.release();
  return { out: out.all(), err, code };
}

describe(`a ${runtime.name} host and children of all runtimes`, { timeout }, () => {
  beforeEach(() => {
    resources = countResources();
  });
  afterEach(async () => {
    const left = await resourcesBackTo(resources);
    assert.ok(left.children <= resources.children, "a test left a child");
    assert.ok(left.descriptors <= resources.descriptors, "a test left a pipe or socket");
  });

  for (const name of runtimes) {
    it(`talks over a Unix socket to ${name}`, { timeout }, async () => {
      const accepted = Promise.withResolvers<Link>();
      const address = socketAddress() as Extract<Address, { network: "unix" }>;
      const listener = await runtime.listen(address, accepted.resolve);
      const command = await scriptCommand(name, "echo_socket", address.path);
      const child = await start(command, { stdin: "null", stdout: "null" });
      const link = await accepted.promise;
      await listener.close();
      await exchange(link);
      assert.deepEqual(await child.exited, { code: 0, signal: null });
      child.release();
    });

    it(`talks over stdio to ${name}, whatever else that prints`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "echo_stdio"), { stderr: "pipe" });
      let err = "";
      const errEnded = Promise.withResolvers<void>();
      child.stderr!.start({
        bytes: (chunk) => {
          err += new TextDecoder().decode(chunk);
        },
        end: errEnded.resolve,
      });
      await exchange(child.stdio!, "BEFORE\n");
      assert.deepEqual(await child.exited, { code: 0, signal: null }, err);
      await errEnded.promise;
      const strays = ["log", "info", "debug", "dir", "process.stdout"];
      if (name === "deno") strays.push("writeSync", "write");
      if (name === "bun") strays.push("Bun.stdout", "console.write");
      for (const stray of strays) assert.match(err, new RegExp(`STRAY.*${stray}`), `${stray} must go to stderr`);
      assert.match(err, /STRAY[\s\S]*table/);
      child.release();
    });

    it(`stops ${name} by the end of its stdin`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "lifeline"));
      const out = new Tap(child.stdio!);
      assert.equal(await out.text(6), "ready\n");
      child.stdio!.end();
      await out.ended;
      assert.equal(out.all(), "ready\nstdin ended\n");
      assert.deepEqual(await child.exited, { code: 0, signal: null });
      child.release();
    });

    it(`sees ${name} end by itself when it holds nothing, its stdin still open`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "holds_nothing"));
      const out = new Tap(child.stdio!);
      assert.deepEqual(await child.exited, { code: 5, signal: null });
      await out.ended;
      assert.equal(out.all(), "exiting\n");
      child.release();
    });

    it(`gives ${name} an empty stdin as one that ended`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "lifeline"), { stdin: "null" });
      const out = new Tap(child.stdio!);
      await out.ended;
      assert.equal(out.all(), "ready\nstdin ended\n");
      await child.exited;
      child.release();
      const closed = await start(["/bin/sh", "-c", 'exec "$@" <&-', "sh", ...(await scriptCommand(name, "lifeline"))]);
      const closedOut = new Tap(closed.stdio!);
      await closedOut.ended;
      assert.equal(closedOut.all(), "ready\nstdin ended\n");
      await closed.exited;
      closed.release();
    });

    it(`does not crash ${name} when nobody reads its output any more`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "outlives_reader"), { stderr: "pipe" });
      const out = new Tap(child.stdio!);
      assert.equal(await out.text(6), "ready\n");
      child.stderr!.destroy();
      child.stdio!.destroy();
      assert.deepEqual(await child.exited, { code: 7, signal: null });
      child.release();
    });

    it(`hears signals in ${name}, and not after the undo`, { timeout }, async () => {
      const child = await start(await scriptCommand(name, "signalled"));
      const out = new Tap(child.stdio!);
      assert.equal(await out.text(6), "ready\n");
      child.kill("SIGTERM");
      assert.deepEqual(await child.exited, { code: 6, signal: null });
      child.release();
      const undone = await start(await scriptCommand(name, "signalled"));
      const undoneOut = new Tap(undone.stdio!);
      assert.equal(await undoneOut.text(6), "ready\n");
      undone.kill("SIGUSR2");
      assert.notEqual((await undone.exited).code, 8);
      undone.release();
    });

    it(`gets all of a 4 MiB line that ${name} writes as its last act`, { timeout }, async () => {
      const { out, code } = await run(name, "big_line");
      assert.deepEqual([out.length, code], [4 * 1024 * 1024 + 1, 0]);
    });

    it(`lets ${name} end while a child that it let go of lives on`, { timeout }, async () => {
      const { out, code } = await run(name, "lets_go", { stderr: "pipe" });
      assert.equal(code, 0);
      const orphan = Number(out);
      assert.equal(runtime.isAlive(orphan), true);
      process.kill(orphan, "SIGKILL");
    });

    it(`carries a session of ${name} over pipes of the shell`, { timeout }, async () => {
      const command = ["/bin/sh", "-c", 'cat | "$@" | cat', "sh", ...(await scriptCommand(name, "echo_stdio"))];
      const child = await start(command, { stderr: "null" });
      await exchange(child.stdio!, "BEFORE\n");
      assert.equal((await child.exited).code, 0);
      child.release();
    });
  }

  it("tells a Node that is too old what is needed", { timeout }, async () => {
    const { out } = await run("node", "old_node");
    assert.equal(out, "unsupported_runtime: Plugwire needs Node 24 or newer, and this is Node 20.20.2\n");
  });

  it("runs under Deno without any permission", { timeout }, async () => {
    const deno = runtime.name === "deno" ? runtime.execPath : await runtime.findExecutable("deno", searchPath);
    const child = await start([deno!, "run", "--no-check", "--no-prompt", fixture("starved")]);
    const out = new Tap(child.stdio!);
    child.stdio!.write(bytesOf("hello"));
    child.stdio!.end();
    await out.ended;
    assert.equal(out.all(), '[true,null,null,false,"/tmp",true]\nhello');
    assert.equal((await child.exited).code, 0);
    child.release();
  });
});

/** An echo in small and in large, then the end of both directions. */
async function exchange(link: Link, greeting = ""): Promise<void> {
  const tap = new Tap(link);
  assert.equal(await tap.text(greeting.length), greeting);
  link.write(bytesOf("small"));
  assert.equal(await tap.text(greeting.length + 5), `${greeting}small`);
  const big = 3_000_000;
  for (let sent = 0; sent < big; sent += 50_000) {
    if (link.write(new Uint8Array(50_000).fill(66))) continue;
    const drains = tap.events.filter((event) => event === "drain").length;
    await tap.until(() => tap.events.filter((event) => event === "drain").length > drains);
  }
  await tap.until(() => tap.length >= greeting.length + 5 + big);
  link.end();
  assert.equal(await tap.closing, undefined);
  assert.equal(tap.length, greeting.length + 5 + big);
}

describe(`files of ${runtime.name}`, { timeout }, () => {
  it("makes directories that only their owner may enter", async () => {
    const made = await runtime.makePrivateDirectory("plugwire-", directory);
    const other = await runtime.makePrivateDirectory("plugwire-", directory);
    assert.notEqual(made, other);
    assert.match(made, /\/plugwire-/);
    const facts = await runtime.stat(made);
    assert.deepEqual([facts?.kind, facts?.mode, facts?.uid], ["directory", 0o700, runtime.uid()]);
    await assert.rejects(runtime.makePrivateDirectory("x", "/no/where"), failsWith("start_failed", "/no/where"));
  });

  it("removes trees, at once or not, and what is not there", async () => {
    for (const remove of [runtime.remove, async (path: string) => runtime.removeNow(path)]) {
      const made = await runtime.makePrivateDirectory("tree-", directory);
      await mkdir(`${made}/a/b`, { recursive: true });
      await writeFile(`${made}/a/b/c`, "x");
      await remove(made);
      assert.equal(await runtime.stat(made), undefined);
      await remove(made);
    }
  });

  it("lists, looks and reads", async () => {
    const made = await runtime.makePrivateDirectory("files-", directory);
    await writeFile(`${made}/long`, "0123456789", { mode: 0o640 });
    await chmod(`${made}/long`, 0o640);
    await writeFile(`${made}/empty`, "");
    assert.deepEqual((await runtime.list(made)).sort(), ["empty", "long"]);
    assert.deepEqual(await runtime.list(`${made}/absent`), []);
    const facts = await runtime.stat(`${made}/long`);
    assert.deepEqual([facts?.kind, facts?.mode, facts?.size], ["file", 0o640, 10]);
    assert.equal(new TextDecoder().decode(await runtime.readHead(`${made}/long`, 4)), "0123");
    assert.equal((await runtime.readHead(`${made}/long`, 100)).length, 10);
    assert.equal((await runtime.readHead(`${made}/empty`, 100)).length, 0);
    await assert.rejects(runtime.readHead(`${made}/absent`, 1), failsWith("not_found", "absent"));
    assert.equal((await readFile(`${made}/long`)).length, 10);
  });
});

describe(`the rest of ${runtime.name}`, { timeout }, () => {
  it("knows itself", async () => {
    const globals = globalThis as { Deno?: unknown; Bun?: unknown };
    assert.equal(runtime.name, globals.Bun ? "bun" : globals.Deno ? "deno" : "node");
    assert.equal(runtime, await detectRuntime());
    assert.match(runtime.version, /^\d+\.\d+/);
    assert.equal(runtime.compiled, false);
    assert.equal((await runtime.stat(runtime.execPath))?.kind, "file");
    assert.equal((await runtime.stat(runtime.tempDirectory))?.kind, "directory");
    assert.match(runtime.os, /^(linux|darwin|windows)$/);
  });

  it("reads, copies and forgets variables", () => {
    process.env.PLUGWIRE_TEST_ONE = "1";
    assert.equal(runtime.env("PLUGWIRE_TEST_ONE"), "1");
    const copy = runtime.environment();
    assert.equal(copy.PLUGWIRE_TEST_ONE, "1");
    copy.PLUGWIRE_TEST_ONE = "2";
    runtime.forgetEnv(["PLUGWIRE_TEST_ONE", "PLUGWIRE_TEST_NEVER"]);
    assert.equal(runtime.env("PLUGWIRE_TEST_ONE"), undefined);
    assert.equal("PLUGWIRE_TEST_ONE" in runtime.environment(), false);
  });

  it("carries a context over awaits and timers, and keeps two flows apart", async () => {
    const context = runtime.asyncContext<string>();
    assert.equal(context.get(), undefined);
    const flow = async (): Promise<(string | undefined)[]> => {
      const seen = [context.get()];
      await null;
      seen.push(context.get());
      await new Promise<void>((resolve) => runtime.setTimer(resolve, 1, { keepAlive: true }));
      seen.push(context.get());
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      seen.push(context.get());
      return seen;
    };
    const [one, two] = await Promise.all([context.run("one", flow), context.run("two", flow)]);
    assert.deepEqual(one, ["one", "one", "one", "one"]);
    assert.deepEqual(two, ["two", "two", "two", "two"]);
    assert.equal(
      context.run("three", (a: number, b: number) => a + b, 1, 2),
      3,
    );
    assert.equal(context.get(), undefined);
  });

  it("fires timers in time and not once cancelled, however far away", async () => {
    const fired: string[] = [];
    runtime.setTimer(() => fired.push("never"), 1, { keepAlive: true }).cancel();
    const far = runtime.setTimer(() => fired.push("far"), 2 ** 40);
    await new Promise<void>((resolve) => runtime.setTimer(resolve, 20, { keepAlive: true }));
    far.cancel();
    assert.deepEqual(fired, []);
  });
});
