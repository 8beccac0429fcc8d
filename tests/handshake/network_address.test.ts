import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, PluginError } from "../../mod.ts";
import {
  addressText,
  checkExposure,
  isLoopback,
  parseAddress,
  parseSecret,
  readListenEnvironment,
} from "../../src/handshake/mod.ts";

const digits = "0f".repeat(32);

describe("addresses as people write them", () => {
  const good: readonly [string, Address][] = [
    ["tcp://127.0.0.1:7000", { network: "tcp", host: "127.0.0.1", port: 7000 }],
    ["tcp://plugins.internal:65535", { network: "tcp", host: "plugins.internal", port: 65_535 }],
    ["tcp://[::1]:7000", { network: "tcp", host: "::1", port: 7000 }],
    ["unix:/run/app/s", { network: "unix", path: "/run/app/s" }],
  ];
  for (const [text, address] of good) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseAddress(text, "it"), address);
      assert.deepEqual(parseAddress(address, "it"), address);
      assert.equal(addressText(address), text);
    });
  }

  it("reads a URL, and unix:///", () => {
    assert.deepEqual(parseAddress(new URL("tcp://host:7000"), "it"), { network: "tcp", host: "host", port: 7000 });
    assert.deepEqual(parseAddress("unix:///run/s", "it"), { network: "unix", path: "/run/s" });
  });

  const bad: readonly unknown[] = [
    "",
    "tcp://host",
    "tcp://host:0",
    "tcp://host:65536",
    "tcp://::1:80",
    "http://host:80",
    "unix:relative",
    "unix:/a\0b",
    7000,
    null,
    { network: "tcp", host: "", port: 1 },
    { network: "udp", host: "a", port: 1 },
  ];
  for (const value of bad) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => parseAddress(value, "what to connect to"), {
        name: "TypeError",
        message: /^what to connect to must/,
      });
    });
  }

  it("knows what stays on this machine", () => {
    for (const text of ["tcp://127.1.2.3:1", "tcp://[::1]:1", "tcp://localhost:1", "unix:/x"])
      assert.equal(isLoopback(parseAddress(text, "it")), true, text);
    for (const text of ["tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://128.0.0.1:1", "tcp://localhost.example.org:1"])
      assert.equal(isLoopback(parseAddress(text, "it")), false, text);
  });
});

describe("secrets as people keep them", () => {
  it("are 64 digits or 32 bytes", () => {
    assert.deepEqual(parseSecret(digits, "secret"), new Uint8Array(32).fill(15));
    assert.deepEqual(parseSecret(new Uint8Array(32), "secret"), new Uint8Array(32));
    assert.equal(parseSecret(undefined, "secret"), undefined);
  });

  for (const value of [digits.slice(1), `${digits.slice(1)}x`, new Uint8Array(31), 7]) {
    it(`are not ${typeof value === "object" ? "31 bytes" : String(value).length} long, and are never shown`, () => {
      assert.throws(
        () => parseSecret(value, "secret"),
        (error: Error) =>
          error instanceof TypeError && !error.message.includes("0f0f") && /openssl rand/.test(error.message),
      );
    });
  }
});

describe("what would be open to others", () => {
  const tcp = (host: string): Address => ({ network: "tcp", host, port: 7000 });
  const secret = new Uint8Array(32);
  const refused = (text: RegExp) => (error: unknown) =>
    error instanceof PluginError &&
    error.code === "authentication" &&
    error.execution === "none" &&
    text.test(error.message);

  it("is TCP without a secret, wherever it is", () => {
    for (const host of ["127.0.0.1", "10.0.0.1"]) {
      const open = { address: tcp(host), secret: undefined, tls: {}, insecure: true };
      assert.throws(() => checkExposure(open), refused(/without a secret/));
    }
  });

  it("is TCP beyond this machine without TLS, unless somebody says that it may be", () => {
    const plain = { address: tcp("10.0.0.1"), secret, tls: undefined, insecure: false };
    assert.throws(() => checkExposure(plain), refused(/without TLS.*insecure: true/));
    checkExposure({ ...plain, insecure: true });
    checkExposure({ ...plain, tls: {} });
    checkExposure({ ...plain, address: tcp("127.0.0.1") });
    checkExposure({ ...plain, address: { network: "unix", path: "/s" }, secret: undefined });
  });
});

describe("what an orchestrator says", () => {
  const read = (env: Record<string, string>, files: Record<string, string> = {}) =>
    readListenEnvironment({
      env: (name) => env[name],
      readText: async (path) => files[path] ?? Promise.reject(new PluginError("not_found", `${path} is not there`)),
    });

  it("is nothing without PLUGWIRE_LISTEN", async () => {
    assert.equal(await read({ PLUGWIRE_SECRET: digits, PLUGWIRE_LISTEN: "" }), undefined);
  });

  it("may be in files, as secrets are mounted", async () => {
    const env = {
      PLUGWIRE_LISTEN: "tcp://0.0.0.0:0",
      PLUGWIRE_SECRET_FILE: "/secret",
      PLUGWIRE_TLS_CERT_FILE: "/cert",
      PLUGWIRE_TLS_KEY_FILE: "/key",
      PLUGWIRE_TLS_CA_FILE: "/ca",
      PLUGWIRE_INSECURE: "1",
    };
    assert.deepEqual(await read(env, { "/secret": `${digits}\n`, "/cert": "C", "/key": "K", "/ca": "A" }), {
      address: { network: "tcp", host: "0.0.0.0", port: 0 },
      secret: new Uint8Array(32).fill(15),
      tls: { cert: "C", key: "K", ca: "A" },
      insecure: true,
    });
  });

  const faults: readonly [string, Record<string, string>, RegExp][] = [
    ["an address that is none", { PLUGWIRE_LISTEN: "7000" }, /PLUGWIRE_LISTEN must be an address/],
    [
      "a short secret",
      { PLUGWIRE_SECRET: "0f0f" },
      /PLUGWIRE_SECRET must be 64 hexadecimal digits, and has 4 characters/,
    ],
    ["a file that is not there", { PLUGWIRE_SECRET_FILE: "/x" }, /PLUGWIRE_SECRET_FILE cannot be read: .*\/x/],
    ["two secrets", { PLUGWIRE_SECRET: digits, PLUGWIRE_SECRET_FILE: "/s" }, /both there/],
    ["a word for 1", { PLUGWIRE_INSECURE: "yes" }, /PLUGWIRE_INSECURE must be 1/],
  ];
  for (const [what, env, text] of faults) {
    it(`is refused with ${what}`, async () => {
      const fault = read({ PLUGWIRE_LISTEN: "tcp://127.0.0.1:1", ...env }, { "/s": digits });
      await assert.rejects(fault, (error: PluginError) => {
        assert.equal(error.code, "bad_handshake");
        assert.match(error.message, text);
        assert.ok(!error.message.includes("0f0f"));
        return true;
      });
    });
  }
});
