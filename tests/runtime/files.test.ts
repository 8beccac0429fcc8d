import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { failsWith, Place, runtime, timeout } from "./_host.ts";

const place = new Place();

describe(`files of ${runtime.name}`, { timeout }, () => {
  it("makes directories that only their owner may enter", async () => {
    const made = await runtime.makePrivateDirectory("plugwire-", place.directory);
    const other = await runtime.makePrivateDirectory("plugwire-", place.directory);
    assert.notEqual(made, other);
    assert.match(made, /\/plugwire-/);
    const facts = await runtime.stat(made);
    assert.deepEqual([facts?.kind, facts?.mode, facts?.uid], ["directory", 0o700, runtime.uid()]);
    await assert.rejects(runtime.makePrivateDirectory("x", "/no/where"), failsWith("start_failed", "/no/where"));
  });

  it("removes trees, at once or not, and what is not there", async () => {
    for (const remove of [runtime.remove, async (path: string) => runtime.removeNow(path)]) {
      const made = await runtime.makePrivateDirectory("tree-", place.directory);
      await mkdir(`${made}/a/b`, { recursive: true });
      await writeFile(`${made}/a/b/c`, "x");
      await remove(made);
      assert.equal(await runtime.stat(made), undefined);
      await remove(made);
    }
  });

  it("lists, looks and reads", async () => {
    const made = await runtime.makePrivateDirectory("files-", place.directory);
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
