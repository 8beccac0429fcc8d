import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type LogRecord, StderrLines, type StderrLinesOptions, StderrTail } from "../../src/log/mod.ts";

const encoder = new TextEncoder();

function read(
  input: string | Uint8Array,
  pieces: readonly number[] = [],
  options: Partial<StderrLinesOptions> = {},
): LogRecord[] {
  const records: LogRecord[] = [];
  const lines = new StderrLines({ source: "p", sink: (record) => records.push(record), now: () => 0, ...options });
  const bytes = typeof input === "string" ? encoder.encode(input) : input;
  let offset = 0;
  for (const size of pieces) {
    lines.push(bytes.slice(offset, offset + size));
    offset += size;
  }
  lines.push(bytes.slice(offset));
  lines.end();
  return records;
}

const summary = (records: readonly LogRecord[]): string[] => records.map(({ level, message }) => `${level} ${message}`);

describe("StderrLines", () => {
  const table: [string, string, string[]][] = [
    ["nothing", "", []],
    ["plain lines as info", "one\ntwo\n", ["info one", "info two"]],
    ["a last line without an end", "one\ntwo", ["info one", "info two"]],
    ["blank lines", "\n\na\n", ["info ", "info ", "info a"]],
    ["CRLF", "one\r\ntwo\r\n\r\n", ["info one", "info two", "info "]],
    ["a carriage return that ends no line", "one\rtwo\n\r\r\nlast\r", ["info one\rtwo", "info \r", "info last\r"]],
    [
      "level prefixes",
      "[TRACE] a\n[DEBUG] b\n[INFO] c\n[WARN] d\n[ERROR] e\n",
      ["trace a", "debug b", "info c", "warn d", "error e"],
    ],
    [
      "the other names of levels",
      "[WARNING] a\n[ERR] b\n[FATAL] c\n[WARN]d\n",
      ["warn a", "error b", "error c", "warn d"],
    ],
    [
      "brackets that are no level",
      "[warn] a\n[WARNS] b\n[x]\n[\n x [WARN] c\n",
      ["info [warn] a", "info [WARNS] b", "info [x]", "info [", "info  x [WARN] c"],
    ],
    [
      "hclog",
      '{"@level":"debug","@message":"m"}\n{"@message":5}\n[1]\n5\n',
      ["debug m", "info 5", "info [1]", "info 5"],
    ],
    ["a runtime's own warnings", "(node:71) ExperimentalWarning: x\n", ["warn (node:71) ExperimentalWarning: x"]],
    ["a byte order mark as a character", "\ufeffa\n", ["info \ufeffa"]],
    ["characters of every length", "é漢😀\u2028\ufffd\n", ["info é漢😀\u2028\ufffd"]],
    ["NUL and control characters as they are", "a\0b\u001b[2J\n", ["info a\0b\u001b[2J"]],
  ];
  for (const [name, input, expected] of table) {
    it(`reads ${name}`, () => {
      assert.deepEqual(summary(read(input)), expected);
      assert.deepEqual(summary(read(input, Array(input.length * 4).fill(1))), expected);
    });
  }

  const invalid: [number[], string][] = [
    [[0x61, 0xff, 0x62], "a\\xffb"],
    [[0xc3], "\\xc3"],
    [[0xc3, 0x28], "\\xc3("],
    [[0xe2, 0x82], "\\xe2\\x82"],
    [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
    [[0xc0, 0xaf], "\\xc0\\xaf"],
    [[0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"],
    [[0xf0, 0x9f, 0x98, 0x80, 0x80], "😀\\x80"],
    [[0xef, 0xbf, 0xbd, 0xfe], "\ufffd\\xfe"],
  ];
  for (const [bytes, expected] of invalid) {
    it(`writes out what is no UTF-8: ${expected}`, () => {
      assert.deepEqual(summary(read(new Uint8Array(bytes))), [`info ${expected}`]);
    });
  }

  it("gives a plugin's name and the time of the clock", () => {
    assert.deepEqual(read("x\n"), [{ time: 0, level: "info", source: "p", message: "x", fields: {} }]);
  });

  it("goes on when the sink throws", () => {
    let count = 0;
    const sink = (): void => {
      count++;
      throw new Error("full");
    };
    read("a\nb\n", [], { sink });
    assert.equal(count, 2);
  });

  it("refuses a maxLineBytes that cannot work", () => {
    assert.throws(() => read("", [], { maxLineBytes: 15 }), RangeError);
    assert.throws(() => read("", [], { maxLineBytes: Number.NaN }), RangeError);
  });
});

describe("a line longer than maxLineBytes", () => {
  const cut = (input: string | Uint8Array): LogRecord[] => read(input, [], { maxLineBytes: 16 });
  const parts = (records: readonly LogRecord[]): unknown[] =>
    records.map(({ level, message, fields }) => [level, message, fields.part, fields.continues]);

  it("stays whole up to the limit, whatever ends it", () => {
    const line = "a".repeat(16);
    for (const end of ["", "\n", "\r\n"]) {
      assert.deepEqual(cut(line + end), [{ time: 0, level: "info", source: "p", message: line, fields: {} }]);
    }
  });

  it("comes in numbered pieces", () => {
    assert.deepEqual(parts(cut(`${"a".repeat(40)}\nnext\n`)), [
      ["info", "a".repeat(16), 1, true],
      ["info", "a".repeat(16), 2, true],
      ["info", "a".repeat(8), 3, false],
      ["info", "next", undefined, undefined],
    ]);
  });

  it("has no empty last piece", () => {
    for (const extra of [1, 2, 3, 4, 5, 16, 17]) {
      for (const end of ["", "\n", "\r\n"]) {
        const records = cut("a".repeat(16 + extra) + end);
        assert.ok(records.every(({ message }) => message !== ""));
        assert.equal(records.at(-1)?.fields.continues, false);
        assert.equal(records.map(({ message }) => message).join(""), "a".repeat(16 + extra));
      }
    }
  });

  it("is never cut in the midst of a character", () => {
    for (const pad of [0, 1, 2, 3]) {
      for (const character of ["é", "漢", "😀"]) {
        const line = "a".repeat(pad) + character.repeat(20);
        const records = cut(line);
        assert.equal(records.map(({ message }) => message).join(""), line);
      }
    }
  });

  it("keeps the level of its beginning", () => {
    const warn = cut(`[WARN] ${"a".repeat(20)}\nb\n`);
    assert.deepEqual(
      warn.map(({ level }) => level),
      ["warn", "warn", "info"],
    );
    assert.equal(warn[0]?.message, "a".repeat(9));
    const json = JSON.stringify({ "@level": "error", "@message": "x".repeat(100) });
    assert.ok(read(json, [], { maxLineBytes: 64 }).every(({ level }) => level === "error"));
    const trace = cut(`error: Uncaught Error: ${"a".repeat(20)}\n`);
    assert.ok(trace.every(({ level }) => level === "error"));
  });

  it("of 10 MiB loses nothing and takes time in proportion, also as noise", () => {
    for (const fill of ["a", "\xff", "é"]) {
      const bytes =
        fill === "\xff"
          ? new Uint8Array(10 * 1024 * 1024).fill(255)
          : encoder.encode(fill.repeat((10 * 1024 * 1024) / fill.length));
      let characters = 0;
      let longest = 0;
      const sink = (record: LogRecord): void => {
        characters += record.message.length;
        longest = Math.max(longest, record.message.length);
      };
      const tail = new StderrTail();
      const lines = new StderrLines({ source: "p", sink, tail });
      const started = performance.now();
      for (let offset = 0; offset < bytes.length; offset += 50_000) lines.push(bytes.subarray(offset, offset + 50_000));
      lines.end();
      const tookMs = performance.now() - started;
      assert.equal(characters, fill === "\xff" ? bytes.length * 4 : (10 * 1024 * 1024) / fill.length);
      assert.ok(longest <= 65_536 * 4);
      assert.ok(tail.text.length <= 4_100);
      assert.ok(tookMs < 5_000, `took ${tookMs} ms`);
    }
  });
});

describe("any bytes in any pieces", () => {
  const noise = fc.oneof(
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 5,
      arbitrary: fc
        .array(
          fc.oneof(
            fc.string({ unit: "grapheme", maxLength: 30 }),
            fc.constantFrom(
              "\n",
              "\r\n",
              "\r",
              "[WARN] x",
              '{"@message":5}',
              "error: x",
              "    at f (x:1:1)",
              "panic: x",
              "\ufffd",
            ),
          ),
          { maxLength: 20 },
        )
        .map((parts) => encoder.encode(parts.join(""))),
    },
  );
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });

  it("give the same records", () => {
    fc.assert(
      fc.property(noise, sizes, (bytes, pieces) => {
        const options = { maxLineBytes: 16 };
        assert.deepEqual(read(bytes, pieces, options), read(bytes, [], options));
      }),
      { numRuns: 500 },
    );
  });

  it("lose nothing: joined again, the text is the input with its invalid bytes written out", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (noisy, pieces) => {
        // No line of its own kind, so that messages are the lines word for word.
        const bytes = noisy.map((byte) => (byte === 0x5b || byte === 0x7b ? 0x2e : byte));
        let text = "";
        for (const { message, fields } of read(bytes, pieces, { maxLineBytes: 16 })) {
          text += fields.continues === true ? message : `${message}\n`;
        }
        const whole = read(bytes, [], { maxLineBytes: 1_000 })
          .map(({ message }) => `${message}\n`)
          .join("");
        assert.equal(text.length, whole.length);
        const back = unescaped(text);
        const expected = withoutReturns(bytes);
        assert.deepEqual(
          back,
          expected.length === 0 || expected.at(-1) === 10 ? expected : Uint8Array.from([...expected, 10]),
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** Bytes of a text whose `\xff` are undone. The input has no backslash before an x by itself: chance would need three more characters. */
function unescaped(text: string): Uint8Array {
  const out: number[] = [];
  for (const part of text.split(/(\\x[89a-f][0-9a-f])/)) {
    if (/^\\x[89a-f][0-9a-f]$/.test(part)) out.push(Number.parseInt(part.slice(2), 16));
    else out.push(...encoder.encode(part));
  }
  return Uint8Array.from(out);
}

function withoutReturns(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, index) => !(byte === 13 && bytes[index + 1] === 10));
}
