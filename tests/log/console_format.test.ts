import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { consoleSink, formatConsole, type LogRecord } from "../../src/log/mod.ts";

const noon = new Date(2024, 5, 1, 12, 34, 56, 789).getTime();
const make = (part: Partial<LogRecord>): LogRecord => ({
  time: noon,
  level: "warn",
  source: "greeter",
  message: "hello",
  fields: {},
  ...part,
});
const head = "12:34:56.789 WARN  greeter:";

describe("formatConsole", () => {
  const table: [string, Partial<LogRecord>, string][] = [
    ["a message", {}, `${head} hello`],
    [
      "fields",
      { fields: { n: 1, ok: true, name: "Ann", gone: undefined, big: 5n } },
      `${head} hello n=1 ok=true name=Ann gone=undefined big=5`,
    ],
    [
      "quotes where they are needed",
      { fields: { a: "two words", b: "", c: 'q"', d: "x=y" } },
      `${head} hello a="two words" b="" c="q\\"" d="x=y"`,
    ],
    ["objects as JSON", { fields: { o: { a: [1, "x"] } } }, `${head} hello o={"a":[1,"x"]}`],
    ["names of fields in quotes", { fields: { "a b": 1 } }, `${head} hello "a b"=1`],
    ["an empty message", { message: "", fields: { n: 1 } }, `${head} n=1`],
    [
      "a message of several lines indented",
      { message: "one\r\ntwo\n\nthree", fields: { n: 1 } },
      `${head} one n=1\n    two\n    \n    three`,
    ],
    [
      "a field of several lines below",
      { fields: { out: "a\nb", n: 1 } },
      `${head} hello n=1\n    out:\n        a\n        b`,
    ],
    [
      "the stack of an error below",
      { fields: { error: { name: "E", message: "m", stack: "E: m\n    at x" } } },
      `${head} hello\n    error:\n        E: m\n            at x`,
    ],
    [
      "causes below their errors",
      { fields: { error: { stack: "A", cause: { stack: "B" } } } },
      `${head} hello\n    error:\n        A\n        Caused by: B`,
    ],
    [
      "terminal sequences written out",
      { message: "\u001b]0;title\u0007 \u001b[2J\u009b5m\u007f" },
      `${head} \\x1b]0;title\\x07 \\x1b[2J\\x9b5m\\x7f`,
    ],
    ["no colours of the plugin's", { message: "\u001b[1;31mred\u001b[0m" }, `${head} red`],
    ["no source when there is none", { source: "" }, "12:34:56.789 WARN  hello"],
    ["a carriage return written out", { message: "real\rfake" }, `${head} real\\rfake`],
    [
      "turned text and separators written out",
      { message: "a\u202eb\u2066c\u2028d\ud800" },
      `${head} a\\u202eb\\u2066c\\u2028d\\ud800`,
    ],
    ["tabs and all other characters as they are", { message: "\ta é 漢 👩‍👩‍👧" }, `${head} \ta é 漢 👩‍👩‍👧`],
    ["sources that cannot break the line", { source: "a\n\u001b[2Jb" }, "12:34:56.789 WARN  a\\n\\x1b[2Jb: hello"],
    [
      "fields that cannot drive the terminal",
      { fields: { "\u001bc": "\u001bc", x: ["\u009b"] } },
      `${head} hello \\x1bc=\\x1bc x=["\\x9b"]`,
    ],
  ];
  for (const [name, part, expected] of table) {
    it(`writes ${name}`, () => assert.equal(formatConsole(make(part)), expected));
  }

  it("aligns the levels", () => {
    const levels = (["trace", "debug", "info", "warn", "error"] as const).map((level) =>
      formatConsole(make({ level })).slice(13, 19),
    );
    assert.deepEqual(levels, ["TRACE ", "DEBUG ", "INFO  ", "WARN  ", "ERROR "]);
  });

  it("keeps the time right from second to second", () => {
    assert.match(formatConsole(make({ time: noon + 211 })), /^12:34:57\.000 /);
    assert.match(formatConsole(make({})), /^12:34:56\.789 /);
  });

  it("colours only when asked, and then the same text", () => {
    const record = make({ fields: { n: 1 } });
    const coloured = formatConsole(record, { colour: true });
    assert.notEqual(coloured, formatConsole(record));
    assert.equal(coloured.replaceAll(/\p{Cc}\[\d+m/gu, ""), formatConsole(record));
  });

  it("takes fields whose getters or proxies throw", () => {
    const broken = {
      get bad(): never {
        throw new Error("no");
      },
      good: 1,
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    assert.equal(formatConsole(make({ fields: broken })), `${head} hello bad=[unreadable] good=1`);
    assert.equal(formatConsole(make({ fields: proxy })), `${head} hello`);
  });

  it("lets no control character through, whatever it is given", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, fc.dictionary(text, fc.anything({ withBigInt: true })), (message, source, fields) => {
        const line = formatConsole(make({ message, source, fields }));
        assert.doesNotMatch(line.replaceAll(/[\n\t]/g, ""), /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 300 },
    );
  });
});

describe("consoleSink", () => {
  it("writes records from its level up, each with a line's end", () => {
    const written: string[] = [];
    const sink = consoleSink({ write: (text) => written.push(text), level: "warn" });
    sink(make({ level: "info" }));
    sink(make({ level: "error" }));
    assert.deepEqual(written, ["12:34:56.789 ERROR greeter: hello\n"]);
  });

  it("writes info and up by default, and formats nothing below", () => {
    const written: string[] = [];
    const sink = consoleSink({ write: (text) => written.push(text) });
    const untouched = new Proxy({}, { ownKeys: () => assert.fail("was formatted") });
    sink(make({ level: "debug", fields: untouched }));
    sink(make({ level: "info" }));
    assert.equal(written.length, 1);
  });
});
