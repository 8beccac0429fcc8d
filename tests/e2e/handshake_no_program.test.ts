/** What cannot even be started: an error of its own for each, and nothing left behind. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type LaunchOptions, launch } from "../../mod.ts";
import { leavesNothing, pluginError, program, programPath } from "../support/life.ts";

let directory = "";

before(() => {
  directory = mkdtempSync(path.join(tmpdir(), "life-"));
  const arm = new Uint8Array(64);
  // An ELF head of a 64-bit little-endian program for AArch64 (machine 183), or for x86-64 (62) where that is foreign.
  arm.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, process.arch === "arm64" ? 62 : 183, 0]);
  write("foreign", arm);
  write("empty", "");
  write("crlf.sh", "#!/bin/sh\r\nexit 0\n");
  write("noise", new Uint8Array(64).fill(1));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(path.join(directory, name), content);
  chmodSync(path.join(directory, name), 0o755);
}

interface Case {
  readonly what: string;
  readonly entry: () => URL | string | readonly string[];
  readonly options?: LaunchOptions;
  readonly code: string;
  readonly message: RegExp;
  readonly errno?: string;
}

const own = (name: string) => () => path.join(directory, name);
const raw = (name: () => string) => () => [name(), "argument"];

const cases: readonly Case[] = [
  {
    what: "a path that does not exist",
    entry: () => "./no/such/plugin",
    code: "not_found",
    message: /^cannot launch ".*\/no\/such\/plugin": there is no such file$/,
    errno: "ENOENT",
  },
  {
    what: "a script that does not exist",
    entry: () => new URL("./no_such_plugin.ts", import.meta.url),
    code: "not_found",
    message: /^cannot launch ".*\/no_such_plugin\.ts": there is no such file$/,
    errno: "ENOENT",
  },
  {
    what: "a name that is not in PATH",
    entry: () => "no-such-plugin-anywhere",
    code: "not_found",
    message: /^cannot launch "no-such-plugin-anywhere": neither a file at ".*" nor a program in PATH$/,
    errno: "ENOENT",
  },
  {
    what: "a command whose name is not in PATH",
    entry: () => ["no-such-plugin-anywhere", "argument"],
    code: "not_found",
    message: /no-such-plugin-anywhere: no executable of this name in PATH$/,
    errno: "ENOENT",
  },
  {
    what: "a command whose path does not exist",
    entry: () => ["/no/such/plugin"],
    code: "not_found",
    message: /cannot start \/no\/such\/plugin: no such file$/,
    errno: "ENOENT",
  },
  {
    what: "a working directory that does not exist",
    entry: () => program("plugin.ts"),
    options: { cwd: "/no/such/directory" },
    code: "not_found",
    message: /^cannot launch plugin life: .*its working directory \/no\/such\/directory does not exist$/,
    errno: "ENOENT",
  },
  {
    what: "a working directory that is a file",
    entry: () => program("plugin.ts"),
    options: { cwd: programPath("plugin.ts") },
    code: "not_found",
    message: /its working directory .*plugin\.ts is not a directory$/,
  },
  {
    what: "a file that is not executable",
    entry: () => program("not_executable.sh"),
    code: "not_executable",
    message:
      /^cannot launch ".*not_executable\.sh": not an executable file \(mode 0644\); chmod \+x it, or name the runtime/,
    errno: "EACCES",
  },
  {
    what: "a command that is not executable",
    entry: raw(() => programPath("not_executable.sh")),
    code: "not_executable",
    message: /not_executable\.sh: not an executable file \(mode 0644\); chmod \+x it/,
    errno: "EACCES",
  },
  {
    what: "a directory",
    entry: () => program("."),
    code: "not_executable",
    message: /^cannot launch ".*": it is a directory, not a program$/,
  },
  {
    what: "a command that is a directory",
    entry: raw(() => programPath(".")),
    code: "not_executable",
    message: /: a directory$/,
  },
  {
    what: "a program for another architecture",
    entry: own("foreign"),
    code: "wrong_architecture",
    message: /^cannot launch .*foreign: it is built for \S+, this machine is \S+; get the one for this machine$/,
  },
  {
    what: "a command for another architecture",
    entry: raw(own("foreign")),
    code: "wrong_architecture",
    message: /it is built for \S+, this machine is \S+/,
  },
  {
    what: "an executable text file without an interpreter line, which no shell gets to run",
    entry: () => program("settings.txt"),
    code: "not_executable",
    message: /^cannot launch .*settings\.txt: it is a text file without a "#!" line$/,
  },
  {
    what: "a command that is such a text file",
    entry: raw(() => programPath("settings.txt")),
    code: "not_executable",
    message: /it is a text file without a "#!" line$/,
  },
  {
    what: "a JSON file",
    entry: () => program("settings.json"),
    code: "not_executable",
    message: /it is a JSON file, not a program$/,
  },
  { what: "an empty file", entry: own("empty"), code: "not_executable", message: /it is an empty file$/ },
  {
    what: "a binary file that is no program",
    entry: own("noise"),
    code: "not_executable",
    message: /it is a file of unknown kind$/,
  },
  {
    what: "a script whose interpreter does not exist",
    entry: () => program("no_interpreter.sh"),
    code: "not_found",
    message: /it is a script for \/no\/such\/interpreter, and that was not found$/,
    errno: "ENOENT",
  },
  {
    what: "a script whose first line ends in CR LF",
    entry: own("crlf.sh"),
    code: "not_found",
    message: /a script for \/bin\/sh, whose first line ends in CR LF, which the system takes for part of that name/,
  },
];

for (const { what, entry, options, code, message, errno } of cases) {
  test(`${what} is refused as ${code}`, async () => {
    await leavesNothing(async () => {
      const error = await pluginError(launch(entry(), { log: false, ...options }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.equal(error.execution, "none");
      if (errno !== undefined) assert.equal(error.errno, errno);
    });
  });
}

test("options that cannot be are refused before anything is started", async () => {
  await leavesNothing(async () => {
    const entry = program("plugin.ts");
    await assert.rejects(launch(entry, { limits: { maxMessageBytes: 10, maxBufferedBytes: 5 } }), RangeError);
    await assert.rejects(launch(entry, { versions: {} }), RangeError);
    await assert.rejects(launch(entry, { handshake: { cookieKey: "not a name" } }), TypeError);
    await assert.rejects(launch([], {}), TypeError);
    const locked = new WritableStream<Uint8Array>();
    locked.getWriter();
    await assert.rejects(launch(entry, { stdout: locked }), TypeError);
  });
});
