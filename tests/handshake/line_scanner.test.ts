import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineScanner, maxLineBytes } from "../../src/handshake/mod.ts";
import { joined } from "../support/joined.ts";
import { randomPieces, scan, seeded, singleBytes } from "./_scan.ts";

const line = "1|1|stdio|-|plugwire|";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe("a line scanner, whatever the pieces", () => {
  const table: readonly (readonly [
    name: string,
    input: string,
    output: string,
    found: boolean | string,
    rest: string,
  ])[] = [
    ["finds the line alone", `${line}\n`, "", true, ""],
    ["hands over what follows", `${line}\n\0\n1|2|3\n`, "", true, "\0\n1|2|3\n"],
    ["takes CR LF", `hi\r\n${line}\r\n\r\n`, "hi\r\n", true, "\r\n"],
    ["gives lines before as output", `a\nb|c\n1|2|3\n${line}\nz`, "a\nb|c\n1|2|3\n", true, "z"],
    ["takes one empty line before as part of it", `\n${line}\n`, "", true, ""],
    ["takes one empty line after output too", `a\n\n${line}\n`, "a\n", true, ""],
    ["takes no more than one", `\n\n\n${line}\n`, "\n\n", true, ""],
    ["takes an empty line with CR LF", `a\r\n\r\n${line}\n`, "a\r\n", true, ""],
    ["ends the output's own last line by the fresh one", `a\n${line}\n`, "a\n", true, ""],
    ["gives empty lines elsewhere as they are", "\n\na\n\n\nb\n\n", "\n\na\n\n\nb\n\n", false, ""],
    ["gives blanks and digits that lead nowhere", "  12\n  \n\t1|\n12", "  12\n  \n\t1|\n12", false, ""],
    ["finds a last line without a newline", `a\n${line}`, "a\n", true, ""],
    ["does not find it in the middle of a line", `a ${line}\n`, `a ${line}\n`, false, ""],
    ["gives a lone carriage return", "\r", "\r", false, ""],
    ["gives a progress bar", `10%\r20%\r${line}\n`, `10%\r20%\r${line}\n`, false, ""],
    ["stops at a fault", "x\n1|1|unix|/s|grpc|\nrest", "x\n", "unsupported_protocol", "rest"],
    ["stops at a faulty line after an empty one", "\n2|1|unix|/s|grpc|\nrest", "", "core_version", "rest"],
    ["finds nothing in nothing", "", "", false, ""],
  ];
  for (const [name, input, output, found, rest] of table) {
    it(name, () => {
      const random = seeded(7);
      const data = bytes(input);
      for (const pieces of [[data], singleBytes(data), randomPieces(data, random), randomPieces(data, random)]) {
        const scanned = scan(pieces);
        assert.equal(text(scanned.output), output);
        assert.equal(text(scanned.rest), rest);
        if (typeof found === "string") assert.equal((scanned.found as { code: string }).code, found);
        else assert.equal(scanned.found !== undefined, found);
      }
    });
  }

  it("gives the same for a thousand seeded mixtures of lines, noise and breaks", () => {
    const random = seeded(42);
    const parts = [
      `${line}\n`,
      "1|1|unix|/s|grpc|\n",
      "\n",
      "\r\n",
      "1|",
      "12",
      "|",
      " ",
      "é\n",
      "\xff",
      "x".repeat(17_000),
      "1|1|unix|",
      "1|25|alice|bob\n",
    ];
    for (let round = 0; round < 1_000; round++) {
      const count = Math.floor(random() * 8);
      const data = joined(Array.from({ length: count }, () => bytes(parts[Math.floor(random() * parts.length)]!)));
      const whole = scan([data]);
      assert.deepEqual(scan(randomPieces(data, random)), whole);
      if (data.length < 200) assert.deepEqual(scan(singleBytes(data)), whole);
    }
  });
});

describe("a line scanner", () => {
  it("gives output at once that cannot become the line, also without a newline", () => {
    const scanner = new LineScanner();
    assert.equal(text(joined(scanner.push(bytes("Name: ")).output)), "Name: ");
    assert.equal(text(joined(scanner.push(bytes("Ann\n5 apples")).output)), "Ann\n5 apples");
    assert.equal(scanner.done, false);
  });

  it("passes on 10 MiB without a newline and holds nothing back", () => {
    const scanner = new LineScanner();
    const chunk = new Uint8Array(65_536).fill(120);
    let given = 0;
    for (let round = 0; round < 160; round++) {
      const { output } = scanner.push(chunk);
      given += output.reduce((sum, part) => sum + part.length, 0);
      assert.equal(given, (round + 1) * chunk.length);
    }
    assert.equal(scanner.push(bytes(`\n${line}\n`)).found?.kind, "line");
  });

  it("holds back no more than the longest line of what begins like one", () => {
    const scanner = new LineScanner();
    const start = scanner.push(bytes("1|2|3|"));
    assert.deepEqual(start.output, []);
    const { output } = scanner.push(new Uint8Array(1_000_000).fill(49));
    assert.equal(joined(output).length, 1_000_006);
    assert.equal(scanner.push(bytes(`\n${line}\n`)).found?.kind, "line");
  });

  it("passes on binary noise byte for byte and finds the line after it", () => {
    const random = seeded(3);
    const noise = Uint8Array.from({ length: 300_000 }, () => Math.floor(random() * 256));
    const scanned = scan(randomPieces(joined([noise, bytes(`\n\n${line}\n`)]), random));
    assert.deepEqual(scanned.output, joined([noise, bytes("\n")]));
    assert.ok(scanned.found);
  });

  it("faults a handshake line that is too long, wherever the pieces end", () => {
    const data = bytes(`1|1|unix|/${"x".repeat(maxLineBytes)}|plugwire|\nrest`);
    const random = seeded(5);
    const whole = scan([data]);
    assert.match((whole.found as { message: string }).message, /longer than 16,384 bytes/);
    assert.deepEqual(scan(singleBytes(data)), whole);
    assert.deepEqual(scan(randomPieces(data, random)), whole);
  });

  it("says what was printed in place of a line", () => {
    assert.match(scan([]).suspicion, /printed nothing/);
    const { suspicion } = scan([bytes("usage: greeter [options]\n")]);
    assert.match(suspicion, /25 bytes .* "usage: greeter \[options\]\\n"/);
  });

  it("says which line came close", () => {
    assert.match(scan([bytes("1|1|pigeon|/s|smoke|\n")]).suspicion, /came close: .*"pigeon"/);
  });

  it("leaves what follows the line untouched, as a view of the same bytes", () => {
    const data = joined([bytes(`${line}\n`), Uint8Array.of(0x89, 0x50, 0x57, 0x49, 0x52, 0x45, 13, 10)]);
    const { rest, found } = new LineScanner().push(data);
    assert.equal(found?.kind, "line");
    assert.deepEqual([...rest], [0x89, 0x50, 0x57, 0x49, 0x52, 0x45, 13, 10]);
    assert.equal(rest.buffer, data.buffer);
  });
});
