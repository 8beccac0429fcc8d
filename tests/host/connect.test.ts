import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { type AddressOptions, connect, type ListenOptions } from "../../mod.ts";
import { tasks } from "../fixtures/address/contracts.ts";
import { makeCertificates, secret, startListening } from "../support/address.ts";
import { pluginError } from "../support/life.ts";
import { countResources, type Resources, resourcesBackTo } from "../support/resources.ts";
import { currentRuntime, runtimeNames, type TestRuntime } from "../support/runtimes.ts";

const timeout = 60_000;
const certificates = makeCertificates();
const skip = certificates === undefined ? "openssl, which makes the certificates, is not installed" : false;
/** Another runtime than this one, so that pairs come up. */
const other: TestRuntime = runtimeNames[(runtimeNames.indexOf(currentRuntime) + 1) % 3]!;
const quiet = { log: false } as const;

let resources: Resources;
before(() => {
  resources = countResources();
});
after(async () => {
  assert.deepEqual(await resourcesBackTo(resources), resources);
});

describe("a plugin at an address", { timeout }, () => {
  for (const on of runtimeNames) {
    it(`on ${on} is called, and is left as it is`, async () => {
      await using listening = await startListening(on);
      const plugin = await connect(listening.address, { secret, ...quiet });
      const proxy = plugin.dispense(tasks);
      assert.equal(await proxy.greet("World"), "Hello, World!");
      assert.equal(await proxy.ask((question) => `${question} fine`), "and you? fine");
      assert.equal(plugin.isConnected, true);
      assert.equal(plugin.pid, undefined);
      assert.deepEqual(await plugin.stop(), { code: null, signal: null });
      assert.deepEqual(await plugin.released, { reason: "detached" });
      assert.equal(plugin.isConnected, false);
      await assert.rejects(plugin.detach(), /was not started by a host/);
      await using again = await connect(listening.address, { secret, ...quiet });
      assert.equal(await again.dispense(tasks).pid(), listening.child.pid);
    });
  }

  it("serves several hosts at once, of which none ends it", async () => {
    await using listening = await startListening(other);
    const plugins = await Promise.all([1, 2, 3].map(() => connect(listening.address, { secret, ...quiet })));
    const counts = await Promise.all(plugins.map((plugin) => plugin.dispense(tasks).count()));
    assert.deepEqual(counts.sort(), [1, 2, 3]);
    await plugins[0]!.stop();
    assert.equal(await plugins[1]!.dispense(tasks).count(), 4);
    for (const plugin of plugins) await plugin.stop();
  });

  it("lets running calls end after SIGTERM, takes no new ones, and ends", async () => {
    await using listening = await startListening(other);
    await using plugin = await connect(listening.address, { secret, ...quiet });
    const proxy = plugin.dispense(tasks);
    const running = proxy.wait(700);
    await proxy.count();
    process.kill(listening.child.pid!, "SIGTERM");
    assert.equal(await running, "waited");
    assert.deepEqual(await plugin.released, { reason: "lost" });
    const late = await pluginError(proxy.count());
    assert.equal(late.execution, "none");
    assert.equal((await listening.ended).code, 0);
  });

  it("does not wait for calls longer than drainMs", async () => {
    await using listening = await startListening(other, { listen: { drainMs: 100 } });
    await using plugin = await connect(listening.address, { secret, ...quiet });
    const running = plugin.dispense(tasks).wait(-1);
    await plugin.dispense(tasks).count();
    process.kill(listening.child.pid!, "SIGTERM");
    const error = await pluginError(running);
    assert.equal(error.execution, "unknown");
    assert.equal((await listening.ended).code, 0);
    assert.match(listening.stderr(), /still running after 100 ms/);
  });

  it("is told by its environment where to listen, with what secret", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "address-test-"));
    try {
      writeFileSync(path.join(directory, "secret"), `${secret}\n`);
      const env = { PLUGWIRE_LISTEN: "tcp://127.0.0.1:0", PLUGWIRE_SECRET_FILE: path.join(directory, "secret") };
      await using listening = await startListening(other, { env });
      await using plugin = await connect(listening.address, { secret, ...quiet });
      assert.equal(await plugin.dispense(tasks).greet("env"), "Hello, env!");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("is reached over a Unix socket, which one that was killed has left", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "address-test-"));
    try {
      const address = `unix:${directory}/s`;
      {
        await using killed = await startListening(other, { listen: { address } });
        assert.equal(killed.address, address);
      }
      await using listening = await startListening(other, { listen: { address } });
      await using plugin = await connect(address, { secret, ...quiet });
      assert.equal(await plugin.dispense(tasks).pid(), listening.child.pid);
      await assert.rejects(startListening(other, { listen: { address } }), /EADDRINUSE|in use/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  const refusals: readonly [string, Partial<ListenOptions>, RegExp][] = [
    ["without a secret", { secret: undefined as never }, /refused without a secret/],
    ["beyond this machine without TLS", { address: "tcp://0.0.0.0:0" }, /refused without TLS/],
    ["with a secret that is too short", { secret: "abc" }, /64 hexadecimal digits/],
    ["with TLS and no certificate", { tls: {} }, /needs cert and key/],
  ];
  for (const [what, listen, text] of refusals) {
    it(`does not listen ${what}`, async () => {
      await assert.rejects(startListening(currentRuntime, { listen }), text);
    });
  }

  it("listens beyond this machine without TLS when somebody says that it may", async () => {
    await using listening = await startListening(other, { listen: { address: "tcp://0.0.0.0:0", insecure: true } });
    await using plugin = await connect(listening.address, { secret, ...quiet });
    assert.equal(await plugin.dispense(tasks).greet("World"), "Hello, World!");
  });
});

describe("TLS with a plugin at an address", { timeout, skip }, () => {
  if (certificates === undefined) return;
  const { ca, otherCa, server, client, stranger } = certificates;
  const mutual = { tls: { ...server, ca } };

  const good: readonly [string, Partial<ListenOptions>, AddressOptions][] = [
    ["with the certificate of the plugin", { tls: server }, { tls: { ca } }],
    ["for the name that is asked for", { tls: server }, { tls: { ca, serverName: "localhost" } }],
    ["with certificates of both", mutual, { tls: { ca, ...client } }],
  ];
  for (const [index, [what, listen, options]] of good.entries()) {
    for (const on of index === 1 ? [other] : runtimeNames) {
      it(`is spoken ${what}, which is on ${on}`, async () => {
        await using listening = await startListening(on, { listen });
        await using plugin = await connect(listening.address, { secret, ...quiet, ...options });
        const proxy = plugin.dispense(tasks);
        assert.equal(await proxy.greet("World"), "Hello, World!");
        let size = 0;
        for await (const chunk of await proxy.fill(3_000_000)) size += chunk.length;
        assert.equal(size, 3_000_000);
      });
    }
  }

  const bad: readonly [string, Partial<ListenOptions>, AddressOptions, string, RegExp, RegExp][] = [
    [
      "of an unknown authority",
      { tls: server },
      { tls: { ca: otherCa } },
      "authentication",
      /not trusted \(tls\.ca\)/,
      /./,
    ],
    [
      "for another name",
      { tls: server },
      { tls: { ca, serverName: "example.org" } },
      "authentication",
      /tls\.serverName/,
      /./,
    ],
    [
      "where the host shows none",
      mutual,
      { tls: { ca } },
      "",
      /refuses this side's TLS|may want a certificate of this side/,
      /shows no certificate/,
    ],
    [
      "where the host's is of a stranger",
      mutual,
      { tls: { ca, ...stranger } },
      "closed",
      /may not trust this side's certificate/,
      /refused/,
    ],
    [
      "where the host does not speak TLS",
      { tls: server },
      {},
      "",
      /it may speak TLS alone|looks like a TLS alert/,
      /does not speak TLS/,
    ],
    ["where the plugin does not speak TLS", {}, { tls: { ca } }, "authentication", /does not speak TLS/, /./],
    [
      "with another secret",
      { tls: server },
      { tls: { ca }, secret: secret.replace("00", "01") },
      "authentication",
      /secret/,
      /./,
    ],
  ];
  for (const [what, listen, options, code, text, logged] of bad) {
    it(`fails with a certificate ${what}`, async () => {
      await using listening = await startListening(other, { listen });
      const error = await pluginError(connect(listening.address, { secret, ...quiet, ...options }));
      assert.match(error.message, text);
      if (code !== "") assert.equal(error.code, code);
      assert.equal(error.execution, "none");
      process.kill(listening.child.pid!, "SIGTERM");
      await listening.ended;
      assert.match(listening.stderr(), logged);
    });
  }

  it("is bound to the session: one in the middle whom both trust does not get through", async () => {
    await using listening = await startListening(other, { listen: { tls: server } });
    const { default: tls } = await import("node:tls");
    // It has a good certificate of the same authority, and passes on all that it hears.
    const own = makeMiddle(ca);
    const middle = tls.createServer({ cert: own.cert, key: own.key, minVersion: "TLSv1.3" }, (near) => {
      const far = tls.connect({ port: listening.port, host: "127.0.0.1", ca: [ca], minVersion: "TLSv1.3" });
      near.pipe(far);
      far.pipe(near);
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("close", () => far.destroy());
    });
    middle.listen(0, "127.0.0.1");
    await once(middle, "listening");
    const { port } = middle.address() as net.AddressInfo;
    try {
      const options = { secret, tls: { ca: own.trusted }, ...quiet };
      const error = await pluginError(connect(`tcp://127.0.0.1:${port}`, options));
      assert.equal(error.code, "authentication");
      assert.match(error.message, /does not know the secret/);
    } finally {
      middle.close();
    }
  });

  function makeMiddle(trusted: string): { cert: string; key: string; trusted: string } {
    return { ...stranger, trusted: `${trusted}\n${otherCa}` };
  }
});

describe("an address where no plugin is", { timeout }, () => {
  it("is named, with what was tried", async () => {
    const server = net.createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    const error = await pluginError(connect(`tcp://127.0.0.1:${port}`, { secret, ...quiet }));
    assert.equal(error.code, "connect_failed");
    assert.equal(error.errno, "ECONNREFUSED");
    assert.equal(error.execution, "none");
    assert.match(error.message, new RegExp(`127.0.0.1:${port}: nothing listens there`));
    const reconnect = { minMs: 10, maxMs: 20 };
    const waited = connect(`tcp://127.0.0.1:${port}`, { secret, ...quiet, reconnect, startTimeoutMs: 300 });
    const later = await pluginError(waited);
    assert.equal(later.code, "connect_failed");
    assert.match(
      later.message,
      /within 300 ms \(startTimeoutMs\), in [0-9]+ attempts; the last one: .*nothing listens/,
    );
  });

  it("is given up when the signal says so, for its reason", async () => {
    const server = net.createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const abort = new AbortController();
    server.once("connection", () => abort.abort(new Error("enough")));
    const options = { secret, ...quiet, reconnect: true, signal: abort.signal };
    await assert.rejects(connect(`tcp://127.0.0.1:${port}`, options), /^Error: enough$/);
    server.close();
  });

  it("is refused before anything is sent when it would be open to others", async () => {
    const error = await pluginError(connect("tcp://127.0.0.1:1", quiet));
    assert.equal(error.code, "authentication");
    assert.match(error.message, /without a secret/);
    assert.match((await pluginError(connect("tcp://192.0.2.1:1", { secret }))).message, /without TLS/);
    await assert.rejects(connect("nowhere"), TypeError);
    await assert.rejects(connect("tcp://127.0.0.1:1", { secret: "x" }), TypeError);
    await assert.rejects(
      connect("tcp://127.0.0.1:1", { secret, recconnect: true } as never),
      /did you mean "reconnect"/,
    );
    await assert.rejects(connect("tcp://127.0.0.1:1", { secret, tls: { cert: "nonsense", key: "x" } }), TypeError);
  });
});
