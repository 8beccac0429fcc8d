import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { PluginError } from "../../src/errors/mod.ts";
import type { HandshakeLine } from "../../src/handshake/mod.ts";
import {
  architectureMismatch,
  describeExecutable,
  formatLine,
  handshakeVariables,
  parseLine,
  readPluginEnvironment,
} from "../../src/handshake/mod.ts";
import { joined } from "../support/joined.ts";
import { randomPieces, scan, seeded, singleBytes } from "./_scan.ts";

const seed = 20_260_101;
const likely = fc.tuple(
  fc.constantFrom("1", "1", "2"),
  fc.constantFrom("1", "7", "0", "x"),
  fc.constantFrom("unix", "tcp", "stdio", "vsock"),
  fc.constantFrom("/tmp/s", "127.0.0.1:80", ""),
  fc.constantFrom("plugwire", "plugwire", "grpc"),
  fc.constantFrom("", "", "MIIB"),
);
const fields = fc.constantFrom(
  "1",
  "2",
  "0",
  "",
  "unix",
  "tcp",
  "stdio",
  "/tmp/s",
  "127.0.0.1:80",
  "plugwire",
  "grpc",
  "true",
  "MIIB",
  "\0",
  "é",
  " ",
);
const lineLike = fc.oneof(
  fc
    .array(fc.oneof({ weight: 4, arbitrary: fields }, fc.string({ unit: "binary" })), { maxLength: 9 })
    .map((parts) => parts.join("|")),
  fc.string({ unit: "binary" }),
  likely.map((parts) => parts.join("|")),
);
const breaks = fc.constantFrom("\n", "\r\n", "\n\n", "\r", "");

function passes<T>(property: fc.IRawProperty<T>, numRuns: number): void {
  fc.assert(property, { seed, numRuns });
}

describe("whatever is put in", () => {
  it("parseLine gives output, a line that can be written again, or a PluginError", () => {
    const met = new Set<string>();
    passes(
      fc.property(lineLike, (text) => {
        const reading = parseLine(text, { acceptCertificate: true });
        met.add(reading.kind);
        if (reading.kind === "fault") return assert.ok(reading.error instanceof PluginError);
        if (reading.kind === "output" || reading.line.network === "stdio") return undefined;
        assert.deepEqual(parseLine(formatLine(reading.line), { acceptCertificate: true }), reading);
      }),
      20_000,
    );
    assert.deepEqual([...met].sort(), ["fault", "line", "output"], "the inputs reach every kind");
  });

  it("what formatLine writes, parseLine reads back as it was, and formatLine refuses the rest with a PluginError", () => {
    passes(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (address, version) => {
          const line: HandshakeLine = { core: 1, version, network: "unix", address, protocol: "plugwire" };
          let text: string;
          try {
            text = formatLine(line);
          } catch (error) {
            assert.ok(error instanceof PluginError && error.code === "bad_handshake");
            return;
          }
          assert.deepEqual(parseLine(text), { kind: "line", line });
        },
      ),
      3_000,
    );
  });

  it("a scanner gives the same for the whole, single bytes and random pieces", () => {
    passes(
      fc.property(fc.array(fc.tuple(lineLike, breaks), { maxLength: 6 }), fc.integer(), (lines, pieceSeed) => {
        const data = new TextEncoder().encode(lines.flat().join(""));
        const whole = scan([data]);
        assert.deepEqual(scan(singleBytes(data)), whole);
        assert.deepEqual(scan(randomPieces(data, seeded(pieceSeed))), whole);
        if (whole.found === undefined) assert.deepEqual(whole.output, data);
      }),
      2_000,
    );
  });

  it("a scanner loses no byte of seeded noise and never throws", () => {
    const random = seeded(11);
    // Mostly what lines are made of, so that many come close.
    const alphabet = new TextEncoder().encode("01|unixtcpstdioplugwire/:\n\r \0");
    for (let round = 0; round < 3_000; round++) {
      const data = Uint8Array.from({ length: Math.floor(random() * 300) }, () =>
        random() < 0.9 ? alphabet[Math.floor(random() * alphabet.length)]! : Math.floor(random() * 256),
      );
      const whole = scan([data]);
      assert.deepEqual(scan(singleBytes(data)), whole);
      assert.deepEqual(scan(randomPieces(data, random)), whole);
      if (whole.found === undefined) assert.deepEqual(joined([whole.output, whole.rest]), data);
    }
  });

  it("readPluginEnvironment gives a result or a PluginError that names a variable", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "unix",
        "stdio",
        "tcp",
        "stdin",
        "none",
        "0",
        "1,2",
        "65535",
        "65536",
        "a".repeat(64),
        "g".repeat(64),
        "/tmp/x",
        ",",
      ),
    );
    passes(
      fc.property(fc.dictionary(fc.constantFrom(...handshakeVariables), value), (variables) => {
        try {
          const read = readPluginEnvironment((name) => variables[name]);
          assert.ok(read.secret === undefined || read.secret.length === 32);
        } catch (error) {
          assert.ok(error instanceof PluginError && error.code === "bad_handshake");
          assert.ok(handshakeVariables.some((name) => error.message.includes(name)));
        }
      }),
      5_000,
    );
  });

  it("describeExecutable describes it", () => {
    const magic = fc.constantFrom(
      [0x7f, 0x45, 0x4c, 0x46],
      [0xcf, 0xfa, 0xed, 0xfe],
      [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 9],
      [0x4d, 0x5a],
      [0x23, 0x21],
      [],
    );
    passes(
      fc.property(magic, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const head = joined([Uint8Array.from(start), rest]);
        assert.ok(describeExecutable(head, 0o755).words.length > 0);
        architectureMismatch(head, "linux", "x64");
      }),
      3_000,
    );
  });
});
