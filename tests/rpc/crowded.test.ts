/** As many calls and streams are open as the other side takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { contract, type LogRecord, method, stream } from "../../mod.ts";
import { setLogSink } from "../../src/log/mod.ts";
import { withOptions } from "../../src/rpc/mod.ts";
import { pluginError } from "../support/life.ts";
import { openPair } from "./_sessions.ts";

const feed = contract("feed", {
  items: method([], stream(v.number())),
  wait: method([]),
  alive: method([], v.boolean()),
});

test("calls that find no place say what holds them all, and the log does", async () => {
  const warned = Promise.withResolvers<LogRecord>();
  setLogSink((record) => record.level === "warn" && warned.resolve(record));
  const done = Promise.withResolvers<void>();
  const served = feed.implement({
    async *items() {
      for (let i = 0; ; i++) yield i;
    },
    wait: () => done.promise,
    alive: () => true,
  });
  const { host, plugin } = openPair({}, { limits: { maxStreams: 4 }, serves: [served] });
  try {
    await Promise.all([host.opened, plugin.opened]);
    const proxy = host.dispense(feed);
    const waiting = proxy.wait();
    const iterators = [0, 1, 2].map(() => proxy.items()[Symbol.asyncIterator]());
    for (const iterator of iterators) assert.deepEqual(await iterator.next(), { value: 0, done: false });
    // Its deadline keeps the process alive, which a call that waits does not.
    const late = withOptions(proxy, { timeoutMs: 10_000 }).alive();
    const error = await pluginError(withOptions(proxy, { timeoutMs: 50 }).alive());
    assert.equal(error.code, "timeout");
    assert.equal(error.execution, "none");
    const holders = "the stream of feed.items 3 times, feed.wait 1 time";
    const open = `4 calls and streams are open, as many as plugin tested takes (limits.maxStreams): ${holders}`;
    assert.equal(error.message, `feed.alive did not answer within 50 ms; it was not sent, as ${open}`);
    const { message, fields } = await warned.promise;
    assert.ok(message.startsWith(`calls of plugin tested wait for a place: ${open}; a stream keeps`), message);
    assert.equal(fields.waiting, 1);
    await iterators[0]!.return?.();
    assert.equal(await late, true);
    const sent = await pluginError(withOptions(proxy, { timeoutMs: 50 }).wait());
    assert.equal(sent.message, "feed.wait did not answer within 50 ms");
    done.resolve();
    await waiting;
  } finally {
    setLogSink(() => {});
    host.close();
    await Promise.all([host.closed, plugin.closed]);
  }
});
