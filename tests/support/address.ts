/** What tests of plugins at addresses share: such plugins as programs, certificates, a proxy that can be cut. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import type { Address, ListenOptions, TlsOptions } from "../../mod.ts";
import { runtimeCommand, type TestRuntime } from "./runtimes.ts";

/** The secret of these tests. */
export const secret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/** A plugin that listens. */
export interface Listening {
  readonly child: ChildProcess;
  /** As `connect` takes it. */
  readonly address: string;
  readonly port: number;
  /** What it wrote to stderr. */
  readonly stderr: () => string;
  /** Settles when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Kills it, and waits for that. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How {@linkcode startListening} starts one. */
export interface StartListening {
  readonly listen?: Partial<ListenOptions>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `tests/fixtures/address/plugin.ts` as an orchestrator does, and waits until it listens. */
export async function startListening(on: TestRuntime, { listen, env }: StartListening = {}): Promise<Listening> {
  const script = new URL("../fixtures/address/plugin.ts", import.meta.url);
  const given = env === undefined ? [JSON.stringify({ address: "tcp://127.0.0.1:0", secret, ...listen })] : [];
  const [command = "", ...args] = runtimeCommand(on, script, ...given);
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const address = await new Promise<Address>((resolve, reject) => {
    const look = (): void => {
      const line = env === undefined ? /^\{.*\}$/m.exec(stdout)?.[0] : undefined;
      const logged = env === undefined ? null : /listening on tcp:\/\/(.*):([0-9]+)/.exec(stderr);
      if (line !== undefined) resolve(JSON.parse(line));
      if (logged !== null) resolve({ network: "tcp", host: logged[1]!, port: Number(logged[2]) });
    };
    child.stdout!.on("data", (chunk) => {
      stdout += chunk;
      look();
    });
    child.stderr!.on("data", (chunk) => {
      stderr += chunk;
      look();
    });
    void ended.then(() => reject(new Error(`the plugin ended before it listened: ${stderr}`)));
  });
  const port = address.network === "tcp" ? address.port : 0;
  return {
    child,
    address: address.network === "tcp" ? `tcp://127.0.0.1:${port}` : `unix:${address.path}`,
    port,
    stderr: () => stderr,
    ended,
    async [Symbol.asyncDispose]() {
      // Deno's `kill` takes the first signal for the end.
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, "SIGKILL");
      await ended;
    },
  };
}

/** Certificates for one run of tests. */
export interface Certificates {
  readonly ca: string;
  /** Of a plugin on this machine. */
  readonly server: Required<Pick<TlsOptions, "cert" | "key">>;
  readonly client: Required<Pick<TlsOptions, "cert" | "key">>;
  /** Another authority, and one whom it has signed. */
  readonly otherCa: string;
  readonly stranger: Required<Pick<TlsOptions, "cert" | "key">>;
}

/** Makes certificates with `openssl`; `undefined` where there is none. */
export function makeCertificates(): Certificates | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), "address-test-"));
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", args, { cwd: directory, stdio: "ignore", timeout: 10_000 });
  };
  const text = (file: string): string => readFileSync(path.join(directory, file), "utf8");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = (name: string): string => {
    openssl(
      "req",
      "-x509",
      ...curve,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
    return text(`${name}.pem`);
  };
  const signed = (name: string, by: string, names: string): { cert: string; key: string } => {
    openssl("req", ...curve, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    writeFileSync(path.join(directory, "names"), `subjectAltName=${names}\n`);
    const ca = ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...ca, "-days", "2", "-extfile", "names", "-out", `${name}.pem`);
    return { cert: text(`${name}.pem`), key: text(`${name}.key`) };
  };
  try {
    return {
      ca: authority("ca"),
      otherCa: authority("other"),
      server: signed("server", "ca", "DNS:localhost,IP:127.0.0.1"),
      client: signed("client", "ca", "DNS:client"),
      stranger: signed("stranger", "other", "DNS:client,DNS:localhost,IP:127.0.0.1"),
    };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Stands between a host and a plugin. */
export interface Proxy {
  readonly address: string;
  /** How many connections came. */
  readonly connections: () => number;
  /** Breaks all connections. */
  cut(): void;
  /** Takes what is sent and passes nothing on, while it stays connected. */
  swallow(isSwallowing: boolean): void;
  close(): Promise<void>;
}

/** Passes connections on to a port. @param cutAfter Bytes after which the connection of that number breaks. */
export async function startProxy(port: () => number, cutAfter?: (connection: number) => number): Promise<Proxy> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  let isSwallowing = false;
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    let left = cutAfter?.(connections++) ?? Number.POSITIVE_INFINITY;
    if (cutAfter === undefined) connections++;
    const far = net.connect({ port: port(), host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (isSwallowing) return;
        left -= chunk.length;
        if (left >= 0) return void to.write(chunk);
        near.destroy();
        far.destroy();
      });
      from.on("end", () => to.end());
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `tcp://127.0.0.1:${bound.port}`,
    connections: () => connections,
    cut,
    swallow: (value) => {
      isSwallowing = value;
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
