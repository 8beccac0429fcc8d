import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { HandshakeLine, LineReading } from "../../src/handshake/mod.ts";
import { addressFields, formatLine, lineAddress, maxLineBytes, parseLine } from "../../src/handshake/mod.ts";

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly kind: LineReading["kind"];
  readonly line?: HandshakeLine;
  readonly code?: string;
  readonly suspicion?: string;
}

const file = new URL("../vectors/handshake.json", import.meta.url);
const { lines } = JSON.parse(await readFile(file, "utf8")) as { lines: Vector[] };
const plain: HandshakeLine = { core: 1, version: 1, network: "unix", address: "/tmp/x/s", protocol: "plugwire" };

function faultOf(text: string): PluginError {
  const reading = parseLine(text);
  assert.equal(reading.kind, "fault");
  return (reading as { error: PluginError }).error;
}

describe("parseLine reads the vectors", () => {
  for (const { name, text, kind, line, code, suspicion } of lines) {
    it(`${name}: ${kind}${code ? ` ${code}` : ""}`, () => {
      const reading = parseLine(text);
      assert.equal(reading.kind, kind);
      if (reading.kind === "line") assert.deepEqual(reading.line, line);
      if (reading.kind === "fault") assert.equal(reading.error.code, code);
      if (reading.kind === "output") assert.equal(reading.suspicion?.code, suspicion);
    });
  }
});

describe("messages of faults", () => {
  const table: readonly (readonly [text: string, ...words: string[]])[] = [
    ["2|1|unix|/s|plugwire|", "core version is 2", "core version 1 only"],
    ["1|one|unix|/s|plugwire|", 'is "one"', "whole number"],
    ["1|1|vsock|/s|plugwire|", '"vsock"', "unix, tcp, stdio"],
    ["1|1|unix|/s|grpc|", '"grpc"', "hashicorp/go-plugin", 'Plugwire speaks "plugwire"'],
    ["1|1|unix|/s|netrpc|", '"netrpc"', "hashicorp/go-plugin", 'Plugwire speaks "plugwire"'],
    ["1|1|unix|/s", '"netrpc"', "names none", "hashicorp/go-plugin"],
    ["1|1|unix|/s|smoke|", '"smoke"', 'Plugwire speaks "plugwire"'],
    ["1|1|tcp|localhost|plugwire|", '"localhost"', "host:port"],
    ["1|1|unix||plugwire|", "empty"],
    ["1|1|unix|/s|plugwire|AAAA", "4 characters", "did not ask for"],
  ];
  for (const [text, ...words] of table) {
    it(`${text} says ${words.join(", ")}`, () => {
      const { message } = faultOf(text);
      for (const word of words) assert.ok(message.includes(word), message);
    });
  }

  it("show nothing that a terminal would act on", () => {
    const { message } = faultOf("1|1|unix|/\u001b[2J\u009b\u202e|smoke|");
    assert.match(message, /\\u001b\[2J\\u009b\\u202e/);
    assert.ok([...message].every((char) => char >= " " && (char < "\u007f" || char > "\u009f") && char !== "\u202e"));
  });

  it("show separators and characters beyond U+FFFF in full", () => {
    const { message } = faultOf("1|1|unix|/\u2028\u2029\u{e0041}|smoke|");
    assert.match(message, /\\u2028\\u2029\\udb40\\udc41/);
    assert.doesNotMatch(message, /[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it("cut a long line short", () => {
    assert.ok(faultOf(`1|1|unix|/${"x".repeat(10_000)}|smoke|`).message.length < 600);
  });
});

describe("parseLine", () => {
  it("refuses a line longer than its limit and takes one of exactly that length", () => {
    const atLimit = `1|1|unix|/${"x".repeat(maxLineBytes - 20)}|plugwire|`;
    assert.equal(atLimit.length, maxLineBytes);
    assert.equal(parseLine(atLimit).kind, "line");
    assert.match(faultOf(`${atLimit}x`).message, /longer than 16,384 bytes/);
  });

  it("takes a certificate that was asked for, and only base64", () => {
    const reading = parseLine("1|1|unix|/s|plugwire|MIIB+/==", { acceptCertificate: true });
    assert.equal(reading.kind === "line" && reading.line.certificate, "MIIB+/==");
    assert.equal(parseLine("1|1|unix|/s|plugwire|@@@", { acceptCertificate: true }).kind, "fault");
  });

  it("takes another protocol that the host speaks", () => {
    const reading = parseLine("1|1|unix|/s|grpc|", { protocols: ["grpc", "plugwire"] });
    assert.equal(reading.kind === "line" && reading.line.protocol, "grpc");
    assert.equal(parseLine("1|1|unix|/s", { protocols: ["netrpc"] }).kind, "line");
  });

  it("is quick on a long run of blanks", () => {
    assert.equal(parseLine(`1|1|${" ".repeat(200_000)}x`).kind, "output");
  });
});

describe("formatLine", () => {
  const table: readonly (readonly [Partial<HandshakeLine>, string])[] = [
    [{}, "1|1|unix|/tmp/x/s|plugwire|"],
    [{ version: 3, network: "tcp", address: "127.0.0.1:80" }, "1|3|tcp|127.0.0.1:80|plugwire|"],
    [{ network: "stdio", address: "-" }, "1|1|stdio|-|plugwire|"],
    [{ certificate: "MIIB" }, "1|1|unix|/tmp/x/s|plugwire|MIIB"],
    [{ mux: true }, "1|1|unix|/tmp/x/s|plugwire||true"],
    [{ mux: false, certificate: "MIIB" }, "1|1|unix|/tmp/x/s|plugwire|MIIB|false"],
  ];
  for (const [fields, text] of table) {
    it(`writes ${text}`, () => {
      const line = { ...plain, ...fields };
      assert.equal(formatLine(line), text);
      assert.deepEqual(parseLine(text, { acceptCertificate: true }), { kind: "line", line });
    });
  }

  for (const address of [
    "/tmp/a|b",
    "/tmp/a\nb",
    "/tmp/a\r",
    "/tmp/\0",
    "",
    "  ",
    "/tmp/\ud800",
    `/${"x".repeat(maxLineBytes)}`,
  ]) {
    it(`refuses the address ${JSON.stringify(address.slice(0, 20))}`, () => {
      assert.throws(
        () => formatLine({ ...plain, address }),
        (error) => error instanceof PluginError && error.code === "bad_handshake",
      );
    });
  }

  it("refuses a version that is none, as a mistake of its caller", () => {
    for (const version of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      assert.throws(() => formatLine({ ...plain, version }), RangeError);
      assert.throws(() => formatLine({ ...plain, core: version }), RangeError);
    }
    assert.throws(() => formatLine({ ...plain, protocol: "a|b" }), RangeError);
    assert.throws(() => formatLine({ ...plain, certificate: "a|b" }), RangeError);
  });
});

describe("addresses", () => {
  const table = [
    { network: "unix", path: "/tmp/x/s" },
    { network: "tcp", host: "127.0.0.1", port: 80 },
    { network: "tcp", host: "::1", port: 1 },
    { network: "tcp", host: "fe80::1%eth0", port: 65_535 },
    { network: "tcp", host: "plugin.local", port: 443 },
    undefined,
  ] as const;
  for (const address of table) {
    it(`${JSON.stringify(address)} survives the line`, () => {
      const reading = parseLine(formatLine({ ...plain, ...addressFields(address) }));
      assert.deepEqual(reading.kind === "line" && lineAddress(reading.line), address);
    });
  }
});
