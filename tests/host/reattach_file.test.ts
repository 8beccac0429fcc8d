/** Files of reattach info: whole, for their owner alone, and refused otherwise. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type ReattachInfo, readReattachInfo, saveReattachInfo } from "../../mod.ts";
import { pluginError } from "../support/life.ts";
import { withDirectory } from "../support/reattach.ts";

const info: ReattachInfo = {
  plugwire: 1,
  name: "greeter",
  address: { network: "unix", path: "/tmp/plugwire-1-abc/s" },
  secret: "0f".repeat(32),
  instance: "1d0f6a0e-0b1c-4d2e-8f30-a1b2c3d4e5f6",
  pid: 1234,
  started: "12345678-99",
  output: { directory: "/tmp/plugwire-1-abc/out", stdout: 10, stderr: 0 },
};

test("info comes back as it was saved, from a file of mode 0600", async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    await saveReattachInfo(file, info);
    assert.deepEqual(await readReattachInfo(file), info);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const other = {
      ...info,
      address: { network: "tcp", host: "::1", port: 7_000 },
      secret: null,
      output: null,
    } as const;
    await saveReattachInfo(file, other);
    assert.deepEqual(await readReattachInfo(file), other);
    assert.deepEqual(readdirSync(directory), ["info.json"]);
  });
});

test("a file that others could read is replaced by one that they cannot, and a link is not followed", async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    const elsewhere = path.join(directory, "elsewhere");
    writeFileSync(elsewhere, "kept", { mode: 0o644 });
    symlinkSync(elsewhere, file);
    await saveReattachInfo(file, info);
    assert.equal(readFileSync(elsewhere, "utf8"), "kept");
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

for (const mode of [0o640, 0o604, 0o620, 0o666]) {
  test(`info in a file of mode 0${mode.toString(8)} is refused, without a word of what is in it`, async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, "info.json");
      await saveReattachInfo(file, info);
      chmodSync(file, mode);
      const error = await pluginError(readReattachInfo(file));
      assert.equal(error.code, "authentication");
      assert.match(error.message, /chmod 600/);
      assert.ok(!error.message.includes(info.secret!));
    });
  });
}

test("info in a file of another user is refused", {
  skip: process.getuid?.() === 0 ? false : "only root can give a file away",
}, async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    await saveReattachInfo(file, info);
    const { chownSync } = await import("node:fs");
    chownSync(file, 65_534, 65_534);
    const error = await pluginError(readReattachInfo(file));
    assert.equal(error.code, "authentication");
    assert.match(error.message, /belongs to user 65534/);
  });
});

test("a file that is not there is not_found, and one that cannot be written says so", async () => {
  await withDirectory(async (directory) => {
    assert.equal((await pluginError(readReattachInfo(path.join(directory, "none")))).code, "not_found");
    assert.equal((await pluginError(saveReattachInfo(path.join(directory, "no", "where"), info))).code, "internal");
  });
});

for (const [what, wrong] of [
  ["nothing", undefined],
  ["another form", { ...info, plugwire: 2 }],
  ["no pid", { ...info, pid: 0 }],
  ["a relative path", { ...info, address: { network: "unix", path: "s" } }],
  ["an unknown network", { ...info, address: { network: "vsock", path: "/s" } }],
  ["a short secret", { ...info, secret: "0f0f" }],
  ["no start", { ...info, started: "" }],
  ["an offset below zero", { ...info, output: { ...info.output, stdout: -1 } }],
] as const) {
  test(`info with ${what} is a TypeError that does not show the secret`, async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, "info.json");
      await assert.rejects(saveReattachInfo(file, wrong as never), TypeError);
      writeFileSync(file, JSON.stringify(wrong ?? null), { mode: 0o600 });
      await assert.rejects(readReattachInfo(file), (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /no reattach info/);
        assert.ok(!error.message.includes("0f0f"), error.message);
        return true;
      });
    });
  });
}

test("what is no JSON is a SyntaxError, without a word of what is in it", async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, "info.json");
    for (const text of ["{", `{"secret":${info.secret}}`, `abcdef${info.secret}`]) {
      writeFileSync(file, text, { mode: 0o600 });
      await assert.rejects(readReattachInfo(file), (error: Error) => {
        assert.ok(error instanceof SyntaxError);
        assert.match(error.message, /no JSON/);
        assert.ok(!/0f0f|abc/.test(error.message.replaceAll(file, "")), error.message);
        return true;
      });
    }
  });
});

test("a directory, a pipe and a file that is too large are a TypeError at once", async () => {
  await withDirectory(async (directory) => {
    const [pipe, large] = [path.join(directory, "pipe"), path.join(directory, "large")];
    if (process.platform !== "win32") execFileSync("mkfifo", ["-m", "600", pipe]);
    writeFileSync(large, " ".repeat(1_048_577), { mode: 0o600 });
    for (const file of [directory, pipe, large]) {
      await assert.rejects(readReattachInfo(file), { name: "TypeError", message: /no file of at most 1048576 bytes/ });
    }
  });
});
