import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createLogger,
  isAtLeast,
  type Logger,
  type LogRecord,
  logLevels,
  parseLevel,
  StderrLines,
} from "../../src/log/mod.ts";

function collect(level?: LogRecord["level"]): { log: ReturnType<typeof createLogger>; records: LogRecord[] } {
  const records: LogRecord[] = [];
  return { log: createLogger({ source: "a", sink: (record) => records.push(record), level, now: () => 7 }), records };
}

describe("createLogger", () => {
  it("gives a record of each level", () => {
    const { log, records } = collect();
    for (const level of logLevels) log[level]("m", { n: 1 });
    assert.deepEqual(
      records,
      logLevels.map((level) => ({ time: 7, level, source: "a", message: "m", fields: { n: 1 } })),
    );
  });

  it("gives nothing below its level", () => {
    const { log, records } = collect("warn");
    for (const level of logLevels) log[level]("m");
    assert.deepEqual(
      records.map(({ level }) => level),
      ["warn", "error"],
    );
    assert.deepEqual([log.isEnabled("info"), log.isEnabled("warn")], [false, true]);
  });

  it("takes a sink that rejects for one that throws: neither is anybody's to handle", async () => {
    const failing = async (): Promise<void> => {
      throw new Error("disk full");
    };
    createLogger({ source: "a", sink: failing }).info("m");
    new StderrLines({ source: "a", sink: failing }).push(new TextEncoder().encode("m\n"));
    // Runtimes end a test with an error for a rejection that nobody took.
    await new Promise((resolve) => setTimeout(resolve, 0));
  });

  it("names its children after itself, with the same level", () => {
    const { log, records } = collect("info");
    const child = log.named("b").named("c");
    child.debug("no");
    child.info("yes");
    assert.deepEqual(
      records.map(({ source, message }) => [source, message]),
      [["a.b.c", "yes"]],
    );
  });

  it("gives children of a nameless one their own name alone", () => {
    const records: LogRecord[] = [];
    createLogger({ source: "", sink: (record) => records.push(record) })
      .named("b")
      .info("m");
    assert.equal(records[0]?.source, "b");
  });

  it("never throws, whatever the sink does or it is given", () => {
    const log = createLogger({ source: "a", sink: () => assert.fail("sink") });
    log.error("m");
    const { log: other, records } = collect();
    const untyped = other as unknown as Record<keyof Logger, (...args: unknown[]) => void>;
    const error = new Error("x");
    untyped.info(5, error);
    untyped.info(Symbol("s"), null);
    untyped.info("list", [1]);
    untyped.info({ toString: () => assert.fail("message") });
    assert.deepEqual(
      records.map(({ message, fields }) => [message, fields]),
      [
        ["5", { error }],
        ["Symbol(s)", {}],
        ["list", { value: [1] }],
      ],
    );
  });

  it("has methods that need no this", () => {
    const { log, records } = collect();
    const { info, named } = log;
    info("m");
    named("b").info("n");
    assert.equal(records.length, 2);
  });
});

describe("levels", () => {
  it("are in order", () => {
    for (const [a, low] of logLevels.entries()) {
      for (const [b, high] of logLevels.entries()) assert.equal(isAtLeast(low, high), a >= b);
    }
  });

  it("are read in either case and by their other names", () => {
    assert.deepEqual(["INFO", "Warning", "fatal", "trace"].map(parseLevel), ["info", "warn", "error", "trace"]);
    assert.deepEqual(
      ["", "loud", 5, null, undefined, "constructor", "x".repeat(1e6)].map(parseLevel),
      Array(7).fill(undefined),
    );
  });
});
