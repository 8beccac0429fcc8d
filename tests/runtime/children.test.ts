import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { SpawnOptions } from "../../src/runtime/runtime.ts";
import type { Link } from "../../src/transport/link.ts";
import { leavesNothing, Place, runtime, start, textOf, timeout } from "./_host.ts";
import { bytesOf, Tap } from "./_tap.ts";

const place = new Place();
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/runtime/${name}.ts`, import.meta.url));
const tools = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
const searchPath = `${tools}:${runtime.env("PATH") ?? ""}`;
const runtimes = ["node", "deno", "bun"] as const;

async function scriptCommand(name: (typeof runtimes)[number], script: string, ...args: string[]): Promise<string[]> {
  const executable = name === runtime.name ? runtime.execPath : await runtime.findExecutable(name, searchPath);
  assert.ok(executable, `${name} must be on the path`);
  return [executable, ...(name === "deno" ? ["run", "-A", "--no-check"] : []), fixture(script), ...args];
}

/** Runs a fixture to its end and gives all that it printed and how it ended. */
async function run(
  name: (typeof runtimes)[number],
  script: string,
  options: Partial<SpawnOptions> & { args?: string[]; input?: string } = {},
): Promise<{ out: string; err: string; code: number | null }> {
  const { args = [], input = "", ...rest } = options;
  const child = await start(await scriptCommand(name, script, ...args), { stderr: "pipe", ...rest });
  const out = new Tap(child.stdio!);
  const errors = textOf(child.stderr!);
  child.stdio!.write(bytesOf(input));
  child.stdio!.end();
  const { code } = await child.exited;
  const [err] = await Promise.all([errors, out.ended]);
  child.release();
  return { out: out.all(), err, code };
}

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

describe(`a ${runtime.name} host and children of all runtimes`, { timeout }, () => {
  leavesNothing();

  for (const name of runtimes) {
    it(`talks over a Unix socket to ${name}`, { timeout }, async () => {
      const accepted = Promise.withResolvers<Link>();
      const address = place.socketAddress();
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
      const errors = textOf(child.stderr!);
      await exchange(child.stdio!, "BEFORE\n");
      const status = await child.exited;
      const err = await errors;
      assert.deepEqual(status, { code: 0, signal: null }, err);
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
