import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { CommandOptions } from "../../src/handshake/mod.ts";
import { composeCommand } from "../../src/handshake/mod.ts";

type Entry = Parameters<typeof composeCommand>[0];

const files: Readonly<Record<string, { kind: "file" | "directory" | "socket"; mode: number }>> = {
  "/app/plugin.ts": { kind: "file", mode: 0o644 },
  "/app/a b/é.mjs": { kind: "file", mode: 0o644 },
  "/app/view.tsx": { kind: "file", mode: 0o644 },
  "/app/greeter": { kind: "file", mode: 0o755 },
  "/app/plain": { kind: "file", mode: 0o644 },
  "/app/extensionless": { kind: "file", mode: 0o644 },
  "/app/folder": { kind: "directory", mode: 0o755 },
  "/app/folder.ts": { kind: "directory", mode: 0o755 },
  "/app/socket": { kind: "socket", mode: 0o755 },
};
const programs: Readonly<Record<string, string>> = {
  node: "/bin/node",
  deno: "/bin/deno",
  bun: "/bin/bun",
  tool: "/bin/tool",
};

const base: CommandOptions = {
  hostRuntime: "node",
  hostExecPath: "/opt/node",
  hostCompiled: false,
  os: "linux",
  directory: "/app",
  transport: "unix",
  socketPath: "/tmp/x/s",
  cookieKey: "PLUGWIRE_PLUGIN",
  find: async (name) => programs[name],
  stat: async (path) => (files[path] ? { ...files[path], uid: 0, size: 1, modifiedMs: 0 } : undefined),
};

describe("composeCommand", () => {
  const deno = ["run", "--no-prompt", "--quiet", "--allow-all"];
  const table: readonly (readonly [name: string, entry: Entry, options: Partial<CommandOptions>, argv: string[]])[] = [
    ["a script on the host's own runtime", "/app/plugin.ts", {}, ["/opt/node", "/app/plugin.ts"]],
    ["a script by URL", new URL("file:///app/plugin.ts"), {}, ["/opt/node", "/app/plugin.ts"]],
    ["a script by URL as a string", "file:///app/plugin.ts", {}, ["/opt/node", "/app/plugin.ts"]],
    ["a URL with encoded characters", new URL("file:///app/a%20b/%C3%A9.mjs"), {}, ["/opt/node", "/app/a b/é.mjs"]],
    ["a relative path", "./plugin.ts", {}, ["/opt/node", "/app/plugin.ts"]],
    ["a script's bare name", "plugin.ts", {}, ["/opt/node", "/app/plugin.ts"]],
    [
      "a script of the host's Deno",
      "plugin.ts",
      { hostRuntime: "deno", hostExecPath: "/opt/deno" },
      ["/opt/deno", ...deno, "/app/plugin.ts"],
    ],
    [
      "a script of the host's Bun",
      "plugin.ts",
      { hostRuntime: "bun", hostExecPath: "/opt/bun" },
      ["/opt/bun", "/app/plugin.ts"],
    ],
    ["a script on Deno from PATH", "plugin.ts", { runtime: "deno" }, ["/bin/deno", ...deno, "/app/plugin.ts"]],
    ["a script on Bun from PATH", "plugin.ts", { runtime: "bun" }, ["/bin/bun", "/app/plugin.ts"]],
    ["the host's own runtime, named", "plugin.ts", { runtime: "node" }, ["/opt/node", "/app/plugin.ts"]],
    ["arguments after the file", "plugin.ts", { args: ["-x", "y z"] }, ["/opt/node", "/app/plugin.ts", "-x", "y z"]],
    [
      "a named runtime for a file without extension",
      "extensionless",
      { runtime: "bun" },
      ["/bin/bun", "/app/extensionless"],
    ],
    ["tsx on Bun", "view.tsx", { runtime: "bun" }, ["/bin/bun", "/app/view.tsx"]],
    ["an executable", "./greeter", { args: ["a"] }, ["/app/greeter", "a"]],
    ["an executable's bare name that is a file", "greeter", {}, ["/app/greeter"]],
    ["a program in PATH", "tool", {}, ["/bin/tool"]],
    ["an executable under a compiled host", "./greeter", { hostCompiled: true }, ["/app/greeter"]],
    [
      "a named runtime under a compiled host of it",
      "plugin.ts",
      { hostCompiled: true, runtime: "node" },
      ["/bin/node", "/app/plugin.ts"],
    ],
    ["a raw command as it is", ["python3", "-u", "x.py"], {}, ["python3", "-u", "x.py"]],
    ["a raw command with arguments", ["./x"], { args: ["a"] }, ["./x", "a"]],
  ];
  for (const [name, entry, options, argv] of table) {
    it(`starts ${name}`, async () => {
      assert.deepEqual((await composeCommand(entry, { ...base, ...options })).argv, argv);
    });
  }

  const names: readonly (readonly [Entry, string])[] = [
    ["plugin.ts", "app"],
    ["./greeter", "greeter"],
    ["tool", "tool"],
    [["node", "--enable-source-maps", "lib/worker.mjs"], "worker"],
    [["./x"], "x"],
  ];
  for (const [entry, name] of names) {
    it(`calls ${entry} ${name}`, async () => assert.equal((await composeCommand(entry, base)).name, name));
  }

  it("tells the file and the runtime, for who checks them", async () => {
    const { file, runtime } = await composeCommand("plugin.ts", { ...base, runtime: "bun" });
    assert.deepEqual({ file, runtime }, { file: "/app/plugin.ts", runtime: "bun" });
    assert.equal((await composeCommand(["node", "x.ts"], base)).file, undefined);
  });

  const failures: readonly (readonly [string, Entry, Partial<CommandOptions>, code: string, words: RegExp])[] = [
    ["a script that is not there", "./none.ts", {}, "not_found", /"\/app\/none\.ts": there is no such file/],
    ["an executable that is not there", "./none", {}, "not_found", /no such file/],
    ["a name that is nowhere", "none", {}, "not_found", /neither a file at "\/app\/none" nor a program in PATH/],
    [
      "a runtime that is not installed",
      "plugin.ts",
      { runtime: "deno", find: async () => undefined },
      "not_found",
      /no deno in PATH/,
    ],
    ["a file that may not be executed", "./plain", {}, "not_executable", /mode 0644\); chmod \+x/],
    ["a directory", "./folder", {}, "not_executable", /a directory/],
    ["a directory named like a script", "./folder.ts", {}, "not_executable", /a directory/],
    ["a socket", "./socket", {}, "not_executable", /a socket/],
    ["a script under a compiled host", "plugin.ts", { hostCompiled: true }, "unsupported_runtime", /name a runtime/],
    ["tsx on Node", "view.tsx", {}, "unsupported_runtime", /Node does not run \.tsx files/],
  ];
  for (const [name, entry, options, code, words] of failures) {
    it(`says what is wrong with ${name}`, async () => {
      await assert.rejects(composeCommand(entry, { ...base, ...options }), (error) => {
        assert.ok(error instanceof PluginError);
        assert.equal(error.code, code);
        assert.equal(error.execution, "none");
        assert.match(error.message, words);
        return true;
      });
    });
  }

  const mistakes: readonly (readonly [string, Entry, Partial<CommandOptions>])[] = [
    ["an https URL", new URL("https://example.com/plugin.ts"), {}],
    ["an http URL as a string", "http://example.com/plugin.ts", {}],
    ["a data URL", new URL("data:text/javascript,1"), {}],
    ["a blob URL", "blob:null/1", {}],
    ["a package specifier", "npm:greeter", {}],
    ["a file on another machine", new URL("file://server/plugin.ts"), {}],
    ["an encoded separator", new URL("file:///app%2Fplugin.ts"), {}],
    ["bad percent-encoding", new URL("file:///app/%ff.ts"), {}],
    ["an empty path", "", {}],
    ["a path with NUL", "/app/\0.ts", {}],
    ["an empty command", [], {}],
    ["a command that begins with nothing", ["", "x"], {}],
    ["a command with NUL", ["x", "\0"], {}],
    ["an argument with NUL", "plugin.ts", { args: ["\0"] }],
    ["a runtime beside a raw command", ["x"], { runtime: "node" }],
    ["permissions off Deno", "plugin.ts", { permissions: [] }],
    ["permissions of an executable", "./greeter", { permissions: [] }],
    ["a permission that is no flag", "plugin.ts", { runtime: "deno", permissions: ["read"] }],
    ["another flag among the permissions", "plugin.ts", { runtime: "deno", permissions: ["--preload=x.ts"] }],
  ];
  for (const [name, entry, options] of mistakes) {
    it(`refuses ${name} as a mistake of its caller`, () =>
      assert.rejects(composeCommand(entry, { ...base, ...options }), TypeError));
  }
});

describe("composeCommand on Windows", () => {
  const windows: CommandOptions = {
    ...base,
    os: "windows",
    directory: "C:\\app",
    stat: async () => ({ kind: "file", mode: 0o666, uid: 0, size: 1, modifiedMs: 0 }),
  };
  const table: readonly (readonly [Entry, string])[] = [
    [new URL("file:///C:/app/plugin.exe"), "C:\\app\\plugin.exe"],
    [new URL("file://server/share/plugin.exe"), "\\\\server\\share\\plugin.exe"],
    ["D:\\x\\plugin.exe", "D:\\x\\plugin.exe"],
    [".\\plugin.exe", "C:\\app/plugin.exe"],
  ];
  for (const [entry, path] of table) {
    it(`starts ${entry}`, async () => {
      assert.deepEqual(await composeCommand(entry, windows), { argv: [path], name: "plugin", file: path });
    });
  }
  it("refuses a file URL without a drive", () =>
    assert.rejects(composeCommand(new URL("file:///app/x.exe"), windows), TypeError));
});
