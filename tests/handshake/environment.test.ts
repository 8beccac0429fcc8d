import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { HostEnvironmentOptions } from "../../src/handshake/mod.ts";
import { defaultCookie, handshakeVariables, hostEnvironment, readPluginEnvironment } from "../../src/handshake/mod.ts";

const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 8);
const hex = "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8";
const options: HostEnvironmentOptions = {
  cookie: defaultCookie,
  versions: [3, 1, 3],
  transport: "unix",
  secret,
  socketDirectory: "/tmp/x",
  lifeline: "stdin",
  packageVersion: "0.1.0",
};
const getter =
  (variables: Record<string, string>) =>
  (name: string): string | undefined =>
    variables[name];

describe("hostEnvironment", () => {
  it("sets every variable of a unix plugin", () => {
    assert.deepEqual(hostEnvironment(options), {
      PLUGWIRE_PLUGIN: defaultCookie.value,
      PLUGIN_PROTOCOL_VERSIONS: "1,3",
      PLUGIN_UNIX_SOCKET_DIR: "/tmp/x",
      PLUGWIRE_HOST: "0.1.0",
      PLUGWIRE_PROTOCOLS: "plugwire",
      PLUGWIRE_TRANSPORT: "unix",
      PLUGWIRE_SECRET: hex,
      PLUGWIRE_LIFELINE: "stdin",
    });
  });

  it("gives a stdio plugin no directory", () => {
    const variables = hostEnvironment({ ...options, transport: "stdio", lifeline: "session" });
    assert.equal(variables.PLUGIN_UNIX_SOCKET_DIR, undefined);
    assert.equal(variables.PLUGWIRE_TRANSPORT, "stdio");
  });

  it("gives a tcp plugin its ports", () => {
    const variables = hostEnvironment({ ...options, transport: "tcp", ports: { min: 10_000, max: 25_000 } });
    assert.equal(variables.PLUGIN_MIN_PORT, "10000");
    assert.equal(variables.PLUGIN_MAX_PORT, "25000");
  });

  it("is read back by the plugin as it was meant", () => {
    assert.deepEqual(readPluginEnvironment(getter(hostEnvironment(options))), {
      host: "0.1.0",
      versions: [1, 3],
      protocols: ["plugwire"],
      transport: "unix",
      secret,
      lifeline: "stdin",
      lingerMs: undefined,
      outputDirectory: undefined,
      socketDirectory: "/tmp/x",
      ports: undefined,
    });
  });

  const mistakes: readonly (readonly [
    string,
    Partial<HostEnvironmentOptions>,
    typeof TypeError | typeof RangeError,
  ])[] = [
    ["no directory for unix", { socketDirectory: undefined }, TypeError],
    ["no secret for tcp", { transport: "tcp", secret: undefined }, TypeError],
    ["a short secret", { secret: new Uint8Array(31) }, RangeError],
    ["no versions", { versions: [] }, RangeError],
    ["version 0", { versions: [0] }, RangeError],
    ["ports the wrong way round", { ports: { min: 2, max: 1 } }, RangeError],
    ["port 0", { ports: { min: 0, max: 1 } }, RangeError],
    ["a part of a ms to linger", { lingerMs: 0.5 }, RangeError],
    ["more than a timer waits to linger", { lingerMs: 2 ** 31 }, RangeError],
  ];
  for (const [name, wrong, type] of mistakes) {
    it(`refuses ${name}`, () => assert.throws(() => hostEnvironment({ ...options, ...wrong }), type));
  }

  it("sets nothing beside the cookie that a nested host would not remove", () => {
    const names = Object.keys(hostEnvironment({ ...options, ports: { min: 1, max: 2 } }));
    assert.deepEqual(
      names.filter((name) => !handshakeVariables.includes(name)),
      ["PLUGWIRE_PLUGIN"],
    );
  });
});

describe("readPluginEnvironment", () => {
  const defaults = {
    host: undefined,
    versions: undefined,
    protocols: undefined,
    transport: "unix",
    secret: undefined,
    lifeline: "none",
    lingerMs: undefined,
    outputDirectory: undefined,
    socketDirectory: undefined,
    ports: undefined,
  };

  const table: readonly (readonly [string, Record<string, string>, object])[] = [
    ["an empty environment", {}, {}],
    ["empty variables as absent", { PLUGWIRE_SECRET: "", PLUGWIRE_TRANSPORT: "", PLUGIN_PROTOCOL_VERSIONS: "" }, {}],
    [
      "a go-plugin host's",
      {
        PLUGIN_MIN_PORT: "10000",
        PLUGIN_MAX_PORT: "25000",
        PLUGIN_PROTOCOL_VERSIONS: "5,3,4",
        PLUGIN_CLIENT_CERT: "-----BEGIN",
      },
      { versions: [5, 3, 4], ports: { min: 10_000, max: 25_000 } },
    ],
    ["a go-plugin host's without versions", { PLUGIN_PROTOCOL_VERSIONS: "0" }, { versions: [0] }],
    ["blanks between versions", { PLUGIN_PROTOCOL_VERSIONS: "1, 2" }, { versions: [1, 2] }],
    ["protocols in order", { PLUGWIRE_PROTOCOLS: "plugwire,grpc" }, { protocols: ["plugwire", "grpc"] }],
    ["a time to linger", { PLUGWIRE_LINGER: "60000" }, { lingerMs: 60_000 }],
    ["where its output goes", { PLUGWIRE_OUTPUT: "/tmp/x/output" }, { outputDirectory: "/tmp/x/output" }],
    ["one port alone", { PLUGIN_MIN_PORT: "5" }, { ports: { min: 5, max: 65_535 } }],
    ["a secret in capitals", { PLUGWIRE_SECRET: hex.toUpperCase() }, { secret }],
    [
      "stdio and session",
      { PLUGWIRE_TRANSPORT: "stdio", PLUGWIRE_LIFELINE: "session" },
      { transport: "stdio", lifeline: "session" },
    ],
  ];
  for (const [name, variables, expected] of table) {
    it(`reads ${name}`, () => assert.deepEqual(readPluginEnvironment(getter(variables)), { ...defaults, ...expected }));
  }

  const nonsense: readonly (readonly [string, string, RegExp])[] = [
    ["PLUGWIRE_TRANSPORT", "carrier pigeon", /unix, stdio, tcp/],
    ["PLUGWIRE_LIFELINE", "STDIN", /stdin, session, none/],
    ["PLUGWIRE_SECRET", `${hex}0`, /64 hexadecimal digits, and is 65 characters/],
    ["PLUGWIRE_SECRET", `${hex.slice(1)}g`, /64 hexadecimal digits/],
    ["PLUGIN_PROTOCOL_VERSIONS", "1,two", /"1,two"/],
    ["PLUGIN_PROTOCOL_VERSIONS", "1,,2", /whole numbers/],
    ["PLUGIN_PROTOCOL_VERSIONS", "-1", /whole numbers/],
    ["PLUGIN_PROTOCOL_VERSIONS", "4294967296", /whole numbers/],
    ["PLUGIN_PROTOCOL_VERSIONS", "1,".repeat(100_000), /at most 1000/],
    ["PLUGWIRE_PROTOCOLS", "plug|wire", /names of protocols/],
    ["PLUGIN_MIN_PORT", "http", /port from 1 to 65535/],
    ["PLUGIN_MAX_PORT", "65536", /port from 1 to 65535/],
    ["PLUGIN_UNIX_SOCKET_DIR", "/tmp/a|b", /without "\|"/],
  ];
  for (const [variable, value, words] of nonsense) {
    it(`names ${variable} for ${value.slice(0, 20)}`, () => {
      assert.throws(
        () => readPluginEnvironment(getter({ [variable]: value })),
        (error) => {
          assert.ok(error instanceof PluginError);
          assert.equal(error.code, "bad_handshake");
          assert.ok(error.message.includes(variable), error.message);
          assert.match(error.message, words);
          if (variable === "PLUGWIRE_SECRET")
            assert.ok(!error.message.includes(value.slice(0, 16)), "the secret is shown");
          return true;
        },
      );
    });
  }

  it("names both ends of ports the wrong way round", () => {
    assert.throws(
      () => readPluginEnvironment(getter({ PLUGIN_MIN_PORT: "9", PLUGIN_MAX_PORT: "8" })),
      /PLUGIN_MAX_PORT .* 8, below 9/,
    );
  });
});
