import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { failsWith, leavesNothing, Place, runtime, start, timeout } from "./_host.ts";

const place = new Place();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function run(script: string, stdout: string, stderr: string): Promise<void> {
  const files = { stdout: { file: stdout }, stderr: { file: stderr } };
  const child = await start(["/bin/sh", "-c", script], { stdin: "null", ...files });
  assert.deepEqual([child.stdio, child.stderr], [undefined, undefined]);
  assert.deepEqual(await child.exited, { code: 0, signal: null });
  child.release();
}

describe(`open files of ${runtime.name}`, { timeout }, () => {
  leavesNothing();

  it("gives a child files for stdout and stderr, which it appends to and only the owner may read", async () => {
    const [out, err] = [`${place.directory}/out`, `${place.directory}/err`];
    await run("echo one; echo two >&2", out, err);
    await run("grep flags /proc/self/fdinfo/1; head -c 1000000 /dev/zero", out, err);
    const printed = readFileSync(out);
    assert.match(printed.subarray(0, 40).toString(), /^one\nflags:\s+[0-7]*[2367][0-7]{3}\n/, "O_APPEND");
    assert.equal(printed.length, printed.indexOf(0) + 1_000_000);
    assert.equal(readFileSync(err, "utf8"), "two\n");
    for (const path of [out, err]) assert.equal((await runtime.stat(path))?.mode, 0o600);
  });

  it("gives a child one file for both, in the order of its writes", async () => {
    const both = `${place.directory}/both`;
    await run("echo one; echo two >&2; echo three", both, both);
    assert.equal(readFileSync(both, "utf8"), "one\ntwo\nthree\n");
  });

  it("does not start a child whose file cannot be opened", async () => {
    const file = `${place.directory}/no/where`;
    await assert.rejects(start(["/bin/true"], { stdout: { file } }), failsWith("start_failed", file));
  });

  it("reads from an offset, writes in place, cuts", async () => {
    const path = `${place.directory}/small`;
    const file = runtime.openFile(path, "new");
    file.writeNow(0, bytesOf("0123456789"));
    file.writeNow(3, bytesOf("abc"));
    assert.equal(textOf(await file.read(2, 100)), "2abc6789");
    assert.equal(textOf(file.readNow(0, 4)), "012a");
    assert.equal((await file.read(10, 5)).length, 0);
    const { kind, mode, size, links, uid } = file.facts();
    assert.deepEqual([kind, mode, size, links, uid], ["file", 0o600, 10, 1, runtime.uid()]);
    file.truncateNow(4);
    file.truncateNow(6);
    assert.equal(textOf(file.readNow(0, 10)), "012a\0\0");
    const again = runtime.openFile(path, "read");
    assert.equal(again.facts().id, file.facts().id);
    await runtime.remove(path);
    assert.equal(file.facts().links, 0);
    const reading = again.read(0, 3);
    again.close();
    again.close();
    assert.equal(textOf(await reading), "012");
    file.close();
    assert.throws(() => file.facts(), failsWith("internal", "is closed"));
  });

  it("makes no file that is there, and follows no link", () => {
    const path = `${place.directory}/there`;
    writeFileSync(path, "x");
    symlinkSync(path, `${path}.link`);
    assert.throws(() => runtime.openFile(path, "new"), failsWith("internal", path));
    for (const use of ["read", "update", "append"] as const)
      assert.throws(() => runtime.openFile(`${path}.link`, use), failsWith("internal", path));
    assert.throws(() => runtime.openFile(`${path}.absent`, "read"), failsWith("not_found", path));
  });

  it("gives disk back, offsets kept, or says that it cannot", { timeout }, async (context) => {
    const path = `${place.directory}/large`;
    writeFileSync(path, Buffer.alloc(3_000_000, 65), { mode: 0o600 });
    const file = runtime.openFile(path, "read");
    const before = file.facts();
    const isFree = await runtime.freeDisk(path, 0, 2_097_152);
    const after = file.facts();
    assert.equal(after.size, before.size);
    assert.equal(textOf(file.readNow(2_999_998, 5)), "AA");
    file.close();
    assert.equal(await runtime.freeDisk(`${path}.absent`, 0, 4_096), false);
    if (!isFree) return context.skip("no fallocate here, or a file system that punches no holes");
    assert.ok(after.allocatedBytes < before.allocatedBytes - 1_500_000, `${after.allocatedBytes} bytes`);
  });
});
