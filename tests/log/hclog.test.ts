import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatHclog, type LogRecord, parseHclog } from "../../src/log/mod.ts";

const now = (): number => 1_000;
const parse = (line: string): LogRecord | undefined => parseHclog(line, { source: "greeter", now });

describe("parseHclog", () => {
  it("reads a line as go-hclog writes it", () => {
    const line =
      '{"@level":"warn","@message":"disk full","@module":"greeter.disk","@timestamp":"2024-01-01T00:00:00.123456+02:00","n":5}';
    assert.deepEqual(parse(line), {
      time: Date.UTC(2023, 11, 31, 22, 0, 0, 123),
      level: "warn",
      source: "greeter.disk",
      message: "disk full",
      fields: { n: 5 },
    });
  });

  const odd: [string, Partial<LogRecord>][] = [
    ['{"@message":5}', { message: "5", level: "info", time: 1_000, source: "greeter" }],
    ['{"@message":null}', { message: "null" }],
    ['{"@message":true}', { message: "true" }],
    ['{"@message":["a",{"b":1}]}', { message: '["a",{"b":1}]' }],
    ['{"@message":{}}', { message: "{}" }],
    ['{"@level":"error"}', { message: "", level: "error" }],
    ['{"@message":"m","@level":7}', { level: "info", fields: { "@level": 7 } }],
    ['{"@message":"m","@level":"loud"}', { level: "info", fields: { "@level": "loud" } }],
    ['{"@message":"m","@level":"WARNING"}', { level: "warn", fields: {} }],
    ['{"@message":"m","@timestamp":12}', { time: 1_000, fields: { "@timestamp": 12 } }],
    ['{"@message":"m","@timestamp":"soon"}', { time: 1_000, fields: { "@timestamp": "soon" } }],
    ['{"@message":"m","@module":[1]}', { source: "greeter", fields: { "@module": [1] } }],
    ['{"@message":"m","@module":"greeter"}', { source: "greeter" }],
    ['{"@message":"m","@module":"other"}', { source: "greeter.other" }],
    ['{"@message":"m","@module":"greeters"}', { source: "greeter.greeters" }],
    ['{"@message":"a","@message":"b"}', { message: "b" }],
  ];
  for (const [line, expected] of odd) {
    it(`takes ${line}`, () => {
      const record = parse(line);
      assert.ok(record);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(record[key as keyof LogRecord], value, key);
    });
  }

  it("keeps a field called __proto__ a field", () => {
    const fields = parse('{"@message":"m","__proto__":{"polluted":true}}')?.fields ?? {};
    assert.deepEqual(Object.keys(fields), ["__proto__"]);
    assert.equal(fields.polluted, undefined);
  });

  const plain = [
    "",
    "hello",
    "5",
    "[1]",
    "null",
    '"@message"',
    "{}",
    '{"level":30,"msg":"pino"}',
    "{",
    '{"@message":',
    "{x}",
  ];
  for (const line of plain) {
    it(`leaves ${JSON.stringify(line)} a plain line`, () => assert.equal(parse(line), undefined));
  }

  it("survives nesting of any depth", () => {
    const line = `{"@message":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    assert.equal(typeof parse(line)?.message, "string");
    assert.ok(formatHclog(parse(`{"@message":"m","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`) as LogRecord));
  });

  it("never throws on any JSON", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("@message", "@level", "@module", "@timestamp", "x"), fc.jsonValue()),
        (parts) => {
          const record = parse(JSON.stringify(parts));
          if (record === undefined) return;
          assert.equal(typeof record.message, "string");
          assert.equal(typeof record.time, "number");
        },
      ),
    );
  });
});

describe("formatHclog", () => {
  const record = (fields: Record<string, unknown>): LogRecord => ({
    time: 0,
    level: "info",
    source: "s",
    message: "m",
    fields,
  });
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const hostile = {
    get bad(): never {
      throw new Error("no");
    },
  };

  it("writes what parseHclog reads", () => {
    const before: LogRecord = {
      time: 1_700_000_000_123,
      level: "error",
      source: "a.b",
      message: "x\ny",
      fields: { n: 1, o: { p: [null] } },
    };
    assert.deepEqual(parseHclog(formatHclog(before)), before);
  });

  it("writes six digits of a second, which is all that go-plugin reads", () => {
    assert.match(formatHclog(record({})), /"@timestamp":"1970-01-01T00:00:00\.000000Z"/);
  });

  const values: [string, unknown, unknown][] = [
    ["a BigInt", 5n, "5"],
    ["undefined", undefined, "undefined"],
    ["NaN", Number.NaN, "NaN"],
    ["a symbol", Symbol("x"), "Symbol(x)"],
    ["a function", () => 1, "[function]"],
    ["a cycle", cycle, { self: "[cycle]" }],
    ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a Date out of range", new Date(Number.NaN), "Invalid Date"],
    ["a URL", new URL("http://x/"), "http://x/"],
    ["bytes", new Uint8Array(3), "[Uint8Array of 3 bytes]"],
    [
      "a Map",
      new Map<unknown, unknown>([
        ["a", 1n],
        [{}, 2],
      ]),
      { a: "1", "[object]": 2 },
    ],
    ["a Set", new Set([1, 2]), [1, 2]],
    ["a getter that throws", hostile, "[unreadable]"],
    ["a toJSON that throws", { toJSON: hostile.toString.bind(undefined), a: 1 }, "[object Undefined]"],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      ),
      "[unreadable]",
    ],
    ["lone surrogates", "\ud800", "\ud800"],
    ["line separators", "\u2028\n", "\u2028\n"],
  ];
  for (const [name, value, expected] of values) {
    it(`takes ${name} as a field`, () => {
      const line = formatHclog(record({ value }));
      assert.ok(!line.includes("\n"));
      assert.deepEqual(JSON.parse(line).value, expected);
    });
  }

  it("writes an error with its name, message, stack, cause and own fields", () => {
    const error = Object.assign(new TypeError("bad", { cause: new Error("why") }), { code: "E1" });
    const { value } = JSON.parse(formatHclog(record({ value: error })));
    assert.deepEqual([value.name, value.message, value.code, value.cause.message], ["TypeError", "bad", "E1", "why"]);
    assert.match(value.stack, /bad/);
  });

  it("bounds depth, and width that shared parts multiply", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    let wide: unknown = 1;
    for (let depth = 0; depth < 7; depth++) wide = Array(100).fill(wide);
    assert.ok(formatHclog(record({ deep, wide })).length < 100_000);
  });

  it("keeps fields from passing for parts of the record", () => {
    const line = formatHclog(record({ "@level": "error", "_@level": 1, "@message": "fake" }));
    const parts = JSON.parse(line);
    assert.deepEqual(
      [parts["@level"], parts["_@level"], parts["__@level"], parts["@message"]],
      ["info", "error", 1, "m"],
    );
  });

  it("takes what callers without types pass", () => {
    const wrong = {
      time: Number.NaN,
      level: "info",
      source: 5,
      message: { a: 1n },
      fields: hostile,
    } as unknown as LogRecord;
    const parts = JSON.parse(formatHclog(wrong));
    assert.deepEqual([parts["@message"], parts["@module"], parts.bad], ['{"a":"1"}', "5", "[unreadable]"]);
  });

  it("is one line of JSON for anything", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.dictionary(
          fc.string({ unit: "binary" }),
          fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true, withTypedArray: true }),
        ),
        (message, fields) => {
          const line = formatHclog({ ...record(fields), message });
          assert.ok(!line.includes("\n"));
          assert.equal(JSON.parse(line)["@message"], message);
        },
      ),
      { numRuns: 200 },
    );
  });
});
