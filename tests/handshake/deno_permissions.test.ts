import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { PluginError } from "../../src/errors/mod.ts";
import type { TransportName } from "../../src/handshake/mod.ts";
import { defaultCookie, denoPermissions, hostEnvironment, LineScanner, lineAddress } from "../../src/handshake/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";

const options = { transport: "unix", socketPath: "/tmp/x/s", cookieKey: "COOKIE" } as const;
const variables = [
  "COOKIE",
  "PLUGIN_MIN_PORT",
  "PLUGIN_MAX_PORT",
  "PLUGIN_PROTOCOL_VERSIONS",
  "PLUGIN_MULTIPLEX_GRPC",
  "PLUGIN_CLIENT_CERT",
  "PLUGIN_UNIX_SOCKET_DIR",
  "PLUGIN_UNIX_SOCKET_GROUP",
  "PLUGWIRE_HOST",
  "PLUGWIRE_PROTOCOLS",
  "PLUGWIRE_TRANSPORT",
  "PLUGWIRE_SECRET",
  "PLUGWIRE_LIFELINE",
  "PLUGWIRE_LINGER",
  "PLUGWIRE_OUTPUT",
  "PLUGWIRE_TRACE",
].join(",");
const own = [
  `--allow-env=${variables}`,
  "--allow-read=/tmp/x/s",
  "--allow-write=/tmp/x/s",
  "--allow-net=unix:/tmp/x/s",
];

describe("the permissions of a Deno plugin", () => {
  const table: readonly (readonly [name: string, permissions: string[] | undefined, flags: string[]])[] = [
    ["are all unless the user names some", undefined, ["--allow-all"]],
    ["are Plugwire's own needs when the user names none", [], own],
    ["come in addition to the user's", ["--allow-read=/data"], ["--allow-read=/data", ...own]],
    ["stay all when the user says so", ["-A"], ["-A"]],
    [
      "leave a bare flag bare, since a list would narrow it",
      ["--allow-net", "-E"],
      ["--allow-net", "-E", own[1]!, own[2]!],
    ],
    ["keep what the user denies", ["--deny-run"], ["--deny-run", ...own]],
  ];
  for (const [name, permissions, flags] of table) {
    it(name, () => assert.deepEqual(denoPermissions({ ...options, permissions }), flags));
  }

  it("over stdio are the variables alone, and over tcp the loopback too", () => {
    assert.deepEqual(denoPermissions({ ...options, permissions: [], transport: "stdio" }), [own[0]]);
    assert.deepEqual(denoPermissions({ ...options, permissions: [], transport: "tcp" }), [
      own[0],
      "--allow-net=127.0.0.1",
    ]);
  });

  it("refuse a socket path with a comma, which Deno would take for two paths", () => {
    assert.throws(
      () => denoPermissions({ ...options, permissions: [], socketPath: "/tmp/a,b/s" }),
      (error) => error instanceof PluginError && error.code === "start_failed" && /comma/.test(error.message),
    );
    assert.deepEqual(denoPermissions({ ...options, socketPath: "/tmp/a,b/s" }), ["--allow-all"]);
  });

  it("refuse a missing socket path as a mistake of their caller", () => {
    assert.throws(() => denoPermissions({ ...options, permissions: [], socketPath: undefined }), TypeError);
  });
});

const runtime = await detectRuntime();
const deno = runtime.name === "deno" ? runtime.execPath : await runtime.findExecutable("deno");
const plugin = fileURLToPath(new URL("./_narrow_plugin.ts", import.meta.url));
const skip = deno === undefined ? "deno is not in PATH" : false;

describe("a Deno plugin with nothing but what Plugwire adds", { skip }, () => {
  for (const transport of ["unix", "stdio", "tcp"] as const satisfies TransportName[]) {
    it(`gives its line, serves and ends with its host over ${transport}`, async () => {
      const directory = await realpath(await mkdtemp(join(tmpdir(), "plugwire-")));
      const socketPath = join(directory, "s");
      const flags = denoPermissions({ permissions: [], transport, socketPath, cookieKey: defaultCookie.key });
      const env = hostEnvironment({
        cookie: defaultCookie,
        versions: [1, 2],
        transport,
        secret: new Uint8Array(32).fill(7),
        socketDirectory: directory,
        lifeline: "stdin",
        packageVersion: "0.0.0",
      });
      // HOME is where Deno keeps what it compiled; the plugin itself may not read it.
      const cache = { HOME: process.env.HOME ?? "", DENO_DIR: process.env.DENO_DIR ?? "" };
      const child = spawn(deno!, ["run", "--no-prompt", "--quiet", "--no-check", ...flags, plugin], {
        env: { ...cache, ...env, NO_COLOR: "1" },
        stdio: ["pipe", "pipe", "pipe"],
      });
      const exited = once(child, "exit");
      const { stderr, greeting } = await converse(child);
      child.stdin!.end();
      const [code] = await exited;
      assert.deepEqual({ code, greeting, stderr: stderr() }, { code: 0, greeting: "good", stderr: "" });
      assert.deepEqual(await readdir(directory), [], "the socket is left behind");
      await rm(directory, { recursive: true });
    });
  }
});

/** Reads the line, connects as it says, and collects what the plugin sends until its end. */
async function converse(child: ChildProcess): Promise<{ stderr: () => string; greeting: string }> {
  let stderr = "";
  child.stderr!.on("data", (chunk) => {
    stderr += chunk;
  });
  const scanner = new LineScanner();
  let session = "";
  const found = new Promise<ReturnType<LineScanner["push"]>>((resolve, reject) => {
    child.stdout!.on("data", (chunk: Uint8Array) => {
      const scan = scanner.push(chunk);
      session += new TextDecoder().decode(scan.rest);
      if (scan.found !== undefined) resolve(scan);
    });
    child.stdout!.on("end", () => (scanner.done ? undefined : reject(new Error(`no line: ${stderr}`))));
  });
  const ended = once(child.stdout!, "end");
  const { found: result, output } = await found;
  assert.equal(result?.kind, "line");
  assert.deepEqual(output, [], "the empty line before the handshake line reached the output");
  const { line } = result as { line: Parameters<typeof lineAddress>[0] };
  assert.equal(line.version, 2);
  const address = lineAddress(line);
  if (address === undefined) {
    // Where stdout is a plain pipe, its end comes with the process's own.
    child.stdin!.end();
    await ended;
    return { stderr: () => stderr, greeting: session };
  }
  const socket = net.connect(
    address.network === "unix" ? { path: address.path } : { host: address.host, port: address.port },
  );
  let greeting = "";
  socket.on("data", (chunk) => {
    greeting += chunk;
  });
  await once(socket, "close");
  return { stderr: () => stderr, greeting };
}
