/** stop() and streams: what nobody reads does not hold it, and what holds it is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, inProcess, launch, type Plugin, PluginError } from "../../mod.ts";
import { pipes } from "../fixtures/streams/contracts.ts";
import { makeServed } from "../fixtures/streams/served.ts";
import { leavesNothing, pluginError, Records, timed } from "../support/life.ts";

const script = new URL("../fixtures/streams/plugin.ts", import.meta.url);

const ways: readonly { readonly name: string; open(records: Records): Promise<Plugin> }[] = [
  { name: "a process", open: (records) => launch(script, { log: records.sink, graceMs: 2_000 }) },
  { name: "in process", open: () => inProcess(makeServed(), {}) },
];

function warnings(records: Records): string[] {
  return records.all.filter(({ level }) => level === "warn" || level === "error").map(({ message }) => message);
}

for (const { name, open } of ways) {
  test(`a stream that was read in part and left does not hold stop() (${name})`, async () => {
    await leavesNothing(async () => {
      const records = new Records();
      const plugin = await open(records);
      const { count, zeros } = plugin.dispense(pipes);
      const numbers = count()[Symbol.asyncIterator]();
      assert.deepEqual(await numbers.next(), { value: 0, done: false });
      const reader = (await zeros(1 << 24, 1_000)).getReader();
      assert.equal((await reader.read()).value?.length, 1_000);
      const ms = await timed(() => plugin.stop());
      assert.ok(ms < 1_500, `took ${Math.round(ms)} ms`);
      assert.deepEqual(warnings(records), []);
      // What had come is still there; then it says why there is no more.
      assert.deepEqual(await numbers.next(), { value: 1, done: false });
      const error = await pluginError(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      );
      assert.equal(error.code, "closed");
      assert.match(error.message, /^plugin \S+ was stopped while nobody read the stream of pipes\.zeros$/);
    });
  });

  test(`a stream that is read slowly is read to its end while stop() waits (${name})`, async () => {
    const records = new Records();
    const plugin = await open(records);
    let read = 0;
    let stopped: Promise<unknown> | undefined;
    for await (const chunk of await plugin.dispense(pipes).zeros(1 << 19, 1 << 15)) {
      stopped ??= plugin.stop();
      read += chunk.length;
      // A reader that takes its time is what is tested: longer in all than the tenth of the grace, shorter each time.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(read, 1 << 19);
    await stopped;
    assert.deepEqual(warnings(records), []);
  });

  test(`a stream that the plugin does not read does not hold stop() (${name})`, async () => {
    const records = new Records();
    const plugin = await open(records);
    const { gzip } = plugin.dispense(pipes);
    const cancelled = Promise.withResolvers<unknown>();
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => controller.enqueue(crypto.getRandomValues(new Uint8Array(1 << 15))),
        cancel: cancelled.resolve,
      },
      { highWaterMark: 0 },
    );
    const reader = (await gzip(endless)).getReader();
    await reader.read();
    const ms = await timed(() => plugin.stop());
    assert.ok(ms < 1_500, `took ${Math.round(ms)} ms`);
    assert.deepEqual(warnings(records), []);
    await cancelled.promise;
  });
}

test("what still runs when the grace is over is named, and SIGTERM is no second warning", async () => {
  const records = new Records();
  const plugin = await launch(script, { log: records.sink, graceMs: 200 });
  const items = plugin.dispense(pipes).waiting()[Symbol.asyncIterator]();
  assert.deepEqual(await items.next(), { value: "first", done: false });
  const second = items.next().catch((error: unknown) => error);
  const ms = await timed(() => plugin.stop());
  assert.ok(ms >= 190 && ms < 1_500, `took ${Math.round(ms)} ms`);
  assert.deepEqual(warnings(records), [
    "the grace of 200 ms is over, the plugin is made to end; what still ran: the stream of pipes.waiting is still being read",
  ]);
  const error = await second;
  assert.ok(error instanceof PluginError && error.code === "closed", String(error));
});

test("a stream of the plugin that is open and not written to does not hold stop(), and both sides hear of its end", async () => {
  const got: unknown[] = [];
  const aborted = Promise.withResolvers<unknown>();
  const sinks = contract<{ open(): WritableStream<unknown> }>("sinks").implement({
    open: () => new WritableStream<unknown>({ write: (chunk) => void got.push(chunk), abort: aborted.resolve }),
  });
  const plugin = await inProcess([sinks]);
  const writer = (await plugin.dispense(contract<{ open(): WritableStream<unknown> }>("sinks")).open()).getWriter();
  await writer.write("line");
  const failed = pluginError(writer.closed);
  const ms = await timed(() => plugin.stop({ graceMs: 10_000 }));
  assert.ok(ms < 7_000, `took ${Math.round(ms)} ms`);
  const error = await failed;
  assert.match(error.message, /was stopped while nobody wrote the stream passed to/);
  assert.match(String(await aborted.promise), /was stopped while nobody wrote/);
  assert.deepEqual(got, ["line"]);
});
