import assert from "node:assert/strict";
import { it } from "node:test";
import { createLogger, type LogRecord } from "../../src/log/mod.ts";
import { outputTo } from "../../src/output/output_sink.ts";

it("a stream gets every byte, and is let go of at the end without being closed", async () => {
  const records: LogRecord[] = [];
  const log = createLogger({ source: "test", sink: (record) => records.push(record) });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const feed = outputTo(writable, "stdout", log);
  feed.write(Uint8Array.of(1));
  feed.write(Uint8Array.of(2));
  const over = feed.end();
  const reader = readable.getReader();
  assert.deepEqual((await reader.read()).value, Uint8Array.of(1));
  assert.deepEqual((await reader.read()).value, Uint8Array.of(2));
  const end = reader.read();
  await over;
  await writable.close();
  assert.deepEqual((await end).done, true);
  assert.deepEqual(records, []);
});

it("a stream that fails is told of once, and the rest is dropped", async () => {
  const records: LogRecord[] = [];
  const told = Promise.withResolvers<void>();
  const log = createLogger({
    source: "test",
    sink(record) {
      records.push(record);
      told.resolve();
    },
  });
  const broken = new WritableStream<Uint8Array>({
    write() {
      throw new Error("disk full");
    },
  });
  const feed = outputTo(broken, "stdout", log);
  feed.write(Uint8Array.of(1));
  feed.write(Uint8Array.of(2));
  await told.promise;
  feed.write(Uint8Array.of(3));
  await feed.end();
  assert.deepEqual(
    records.map(({ message }) => message),
    ["the sink for the plugin's stdout gave up; what follows is read and dropped"],
  );
});

it("an async function that rejects is told of once, and taken for one that threw", async () => {
  const records: LogRecord[] = [];
  const told = Promise.withResolvers<void>();
  const log = createLogger({
    source: "test",
    sink(record) {
      records.push(record);
      told.resolve();
    },
  });
  const feed = outputTo(
    async () => {
      throw new Error("disk full");
    },
    "stdout",
    log,
  );
  feed.write(Uint8Array.of(1));
  feed.write(Uint8Array.of(2));
  await told.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    records.map(({ message }) => message),
    ["the sink for the plugin's stdout threw"],
  );
});

it("how much a slow stream was not given is said at the end", () => {
  const records: LogRecord[] = [];
  const log = createLogger({ source: "test", sink: (record) => records.push(record) });
  const stuck = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) });
  const feed = outputTo(stuck, "stdout", log);
  feed.write(new Uint8Array(64 * 1024 * 1024));
  feed.write(new Uint8Array(10));
  feed.write(new Uint8Array(20));
  void feed.end();
  void feed.end();
  assert.deepEqual(
    records.map(({ fields }) => fields),
    [{ waitingBytes: 64 * 1024 * 1024 }, { droppedBytes: 30 }],
  );
});
