import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveStreams } from "../../src/mux/_live_streams.ts";
import type { MuxStream } from "../../src/mux/stream.ts";

function stream(id: number): MuxStream {
  return { id } as MuxStream;
}

function idsOf(live: LiveStreams): number[] {
  return live.all().map(({ id }) => id);
}

test("a stream is found by its id until it is taken out", () => {
  const live = new LiveStreams();
  const one = stream(1);
  live.add(one);
  assert.equal(live.get(1), one);
  assert.equal(live.get(17), undefined);
  live.delete(one);
  assert.equal(live.get(1), undefined);
  assert.deepEqual(idsOf(live), []);
});

test("streams whose ids end in the same bits do not meet", () => {
  const live = new LiveStreams();
  const streams = [1, 65_537, 131_073, 0xffff_0001].map(stream);
  for (const one of streams) live.add(one);
  for (const one of streams) assert.equal(live.get(one.id), one);
  live.delete(streams[0]!);
  assert.equal(live.get(1), undefined);
  for (const one of streams.slice(1)) assert.equal(live.get(one.id), one);
  for (const one of streams) live.delete(one);
  assert.deepEqual(idsOf(live), []);
});

test("another stream with the id of one that is gone is left in", () => {
  const live = new LiveStreams();
  const [first, second] = [stream(3), stream(3)];
  live.add(first);
  live.delete(first);
  live.add(second);
  live.delete(first);
  assert.equal(live.get(3), second);
});

test("long-lived streams and thousands of short ones are kept apart", () => {
  const live = new LiveStreams();
  const long: MuxStream[] = [];
  const short: MuxStream[] = [];
  for (let id = 1; id < 20_000; id++) {
    const one = stream(id);
    live.add(one);
    (id % 7 === 0 ? long : short).push(one);
    if (short.length > 500) live.delete(short.shift()!);
  }
  for (const one of [...long, ...short]) assert.equal(live.get(one.id), one);
  assert.equal(live.all().length, long.length + short.length);
  for (const one of [...long, ...short]) live.delete(one);
  assert.deepEqual(idsOf(live), []);
});

test("the order is that of the ids, around the end of 32 bits", () => {
  const live = new LiveStreams();
  for (const id of [3, 0xffff_fffd, 1, 0xffff_ffff]) live.add(stream(id));
  assert.deepEqual(idsOf(live), [0xffff_fffd, 0xffff_ffff, 1, 3]);
});
