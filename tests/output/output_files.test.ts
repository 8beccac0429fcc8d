import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { test } from "node:test";
import { followOutput } from "../../src/output/_follow_output.ts";
import { OutputFiles } from "../../src/output/output_files.ts";
import { OutputPlaceForTests, runtime, Taken } from "../support/output.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;

async function follow(place: OutputPlaceForTests): Promise<void> {
  const handler = { stdout: new Taken(), stderr: new Taken() };
  await (await followOutput(place.files, { stdout: 0, stderr: 0 }, handler, place.options)).detach();
}

test("the directory and all in it are for their owner alone", async () => {
  await using place = await OutputPlaceForTests.make();
  await follow(place);
  assert.equal(modeOf(place.files.directory), 0o700);
  const names = readdirSync(place.files.directory).sort();
  assert.deepEqual(names, ["delivered.1", "quota", "stderr", "stdout"]);
  for (const name of names) assert.equal(modeOf(place.files.path(name)), 0o600, name);
  const again = await OutputFiles.open(runtime, place.files.directory);
  assert.equal(again.stdoutPath, place.files.stdoutPath);
});

test("what others could have written is not read", async () => {
  await using place = await OutputPlaceForTests.make();
  const { directory, stderrPath } = place.files;
  chmodSync(stderrPath, 0o620);
  await assert.rejects(follow(place), { code: "internal", message: /stderr .* is open to others \(mode 0620\)/ });
  unlinkSync(stderrPath);
  symlinkSync("/etc/passwd", stderrPath);
  await assert.rejects(follow(place), { code: "internal" });
  unlinkSync(stderrPath);
  mkdirSync(stderrPath, { mode: 0o700 });
  await assert.rejects(follow(place), { code: "internal", message: /stderr .* is no file/ });
  chmodSync(directory, 0o755);
  await assert.rejects(OutputFiles.open(runtime, directory), {
    code: "internal",
    message: /is open to others \(mode 0755\)/,
  });
  chmodSync(directory, 0o700);
});

test("a pipe in the place of a file, of the record or of the quota is not waited for", async () => {
  await using place = await OutputPlaceForTests.make();
  await follow(place);
  const pipe = (name: string): void => {
    const path = place.files.path(name);
    rmSync(path, { force: true });
    execFileSync("mkfifo", ["-m", "600", path]);
  };
  for (const name of ["delivered.1", "delivered.9", "quota"]) pipe(name);
  await follow(place);
  pipe("stdout");
  await assert.rejects(follow(place), { code: "internal", message: /stdout .* is no file/ });
});

test("files that are gone are not found", async () => {
  await using place = await OutputPlaceForTests.make();
  rmSync(place.files.directory, { recursive: true });
  await assert.rejects(OutputFiles.open(runtime, place.files.directory), { code: "not_found" });
  await assert.rejects(follow(place), { code: "not_found" });
});
