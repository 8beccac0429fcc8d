import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import {
  acceptVersion,
  checkCookie,
  chooseVersion,
  cookieFrom,
  hostEnvironment,
  lineAddress,
  parseLine,
  readPluginEnvironment,
  startedByHand,
  startedByHandExitCode,
  versionForLine,
} from "../../src/handshake/mod.ts";
import { scan } from "./_scan.ts";

// What go-plugin's own tests say of the handshake, as far as no process is needed for it. Numbers as in docs/go-plugin.md.

function codeOf(text: string): string {
  const reading = parseLine(text);
  return reading.kind === "fault" ? reading.error.code : reading.kind;
}

function scanned(text: string): ReturnType<typeof scan> {
  return scan([new TextEncoder().encode(text)]);
}

function environmentOf(versions: readonly number[]): ReturnType<typeof readPluginEnvironment> {
  const options = { transport: "stdio", lifeline: "none", packageVersion: "0.0.0", cookie: cookieFrom() } as const;
  const variables = hostEnvironment({ ...options, versions });
  return readPluginEnvironment((name) => variables[name]);
}

describe("go-plugin's cases of the handshake", () => {
  it("case 1: a valid line gives the address", () => {
    const reading = parseLine("1|1|tcp|127.0.0.1:1234|plugwire");
    assert.ok(reading.kind === "line");
    assert.deepEqual(lineAddress(reading.line), { network: "tcp", host: "127.0.0.1", port: 1234 });
  });

  it("case 7: an end before the line is an error that says that nothing came", () => {
    assert.match(scanned("").suspicion, /gave no handshake line: it printed nothing/);
  });

  it("case 8: garbage in place of the line is an error that shows it", () => {
    const { found, suspicion } = scanned("lol garbage\n");
    assert.equal(found, undefined);
    assert.match(suspicion, /"lol garbage\\n"/);
  });

  it("a blank first line and stray output before the line do no harm", () => {
    assert.ok(scanned("\n1|1|unix|/s|plugwire|\n").found);
    assert.ok(scanned("starting up\n\n1|1|unix|/s|plugwire|\n").found);
  });

  it("case 9: a wrong core version is refused", () => assert.equal(codeOf("2|1|unix|/s|plugwire|"), "core_version"));
  it("case 9: a version that is no number is refused", () =>
    assert.equal(codeOf("1|v2|unix|/s|plugwire|"), "bad_handshake"));

  it("case 10: a wrong version is refused with both lists", () => {
    const written = versionForLine(environmentOf([3, 4, 5]).versions, [9]);
    assert.equal(written, 9);
    assert.throws(
      () => acceptVersion(written, [3, 4, 5]),
      (error) => error instanceof PluginError && /host speaks 3, 4, 5, the plugin 9/.test(error.message),
    );
  });

  it("case 11: the highest common version is chosen on both sides alike", () => {
    const written = versionForLine(environmentOf([2, 3, 1]).versions, [2, 3, 4]);
    assert.equal(written, 3);
    assert.equal(acceptVersion(written, [2, 3, 1]), 3);
    assert.equal(chooseVersion([2, 3, 1], [2, 3, 4]), 3);
  });

  it("case 12: a legacy plugin that heeds no list is taken when the host speaks its version", () => {
    assert.equal(acceptVersion(1, [1, 2]), 1);
    assert.throws(() => acceptVersion(1, [2, 3]), PluginError);
  });

  it("case 13: a legacy host that sends no list gets the plugin's lowest version", () => {
    const { versions } = readPluginEnvironment(() => undefined);
    assert.equal(versionForLine(versions, [3, 2]), 2);
  });

  it("case 14: a protocol that the host did not allow is refused by name", () => {
    assert.equal(codeOf("1|1|unix|/s|grpc|"), "unsupported_protocol");
    assert.equal(codeOf("1|1|unix|/s|netrpc|"), "unsupported_protocol");
    assert.equal(codeOf("1|1|unix|/s"), "unsupported_protocol");
    const allowed = parseLine("1|1|unix|/s|grpc|", { protocols: ["grpc"] });
    assert.equal(allowed.kind, "line");
  });

  it("case 15: the mux field may be absent, true or false, and nothing else", () => {
    const mux = ["1|1|unix|/s|plugwire|", "1|1|unix|/s|plugwire||true", "1|1|unix|/s|plugwire||false"].map((text) => {
      const reading = parseLine(text);
      return reading.kind === "line" && reading.line.mux;
    });
    assert.deepEqual(mux, [undefined, true, false]);
    assert.equal(codeOf("1|1|unix|/s|plugwire||perhaps"), "bad_handshake");
  });

  it("case 16: a missing cookie gives a text for a person and exit code 1", () => {
    assert.equal(
      checkCookie(() => undefined, cookieFrom()),
      "absent",
    );
    assert.match(startedByHand({ contracts: [], command: "./p" }), /This is a Plugwire plugin/);
    assert.equal(startedByHandExitCode, 1);
  });

  it("a certificate that nobody asked for is refused and crashes nobody", () => {
    assert.equal(codeOf(`1|1|unix|/s|plugwire|${"MIIB".repeat(300)}`), "unexpected_certificate");
  });

  it("an unknown network is refused and crashes nobody", () => {
    assert.equal(codeOf("1|1|vsock|3:1024|plugwire|"), "unknown_network");
  });
});
