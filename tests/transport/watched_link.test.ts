import assert from "node:assert/strict";
import { it } from "node:test";
import type { Link, LinkHandler } from "../../src/transport/link.ts";
import { memoryLinks } from "../../src/transport/mod.ts";
import { watchedLink } from "../../src/transport/watched_link.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

it("a watcher is told of what passes, before the side that it is for", async () => {
  const seen: string[] = [];
  const [left, right] = memoryLinks("watched");
  const link = watchedLink(left, {
    sent: (chunk) => seen.push(`sent ${chunk}`),
    received: (chunk) => seen.push(`received ${chunk}`),
    ended: () => seen.push("ended"),
    peerEnded: () => seen.push("peer ended"),
    closed: () => seen.push("closed"),
  });
  const over = Promise.withResolvers<void>();
  const noted = (name: string, then = (): void => {}): LinkHandler => ({
    bytes: (chunk) => seen.push(`${name}: ${chunk}`),
    end: () => {
      seen.push(`${name}: end`);
      then();
    },
    drain() {},
    closed: () => {
      if (name === "left") over.resolve();
      seen.push(`${name}: closed`);
    },
  });
  link.start(noted("left"));
  right.start(noted("right", () => right.end()));
  link.write(bytes(1));
  right.write(bytes(2));
  link.end();
  await over.promise;
  for (const [told, taken] of [
    ["sent 1", "right: 1"],
    ["received 2", "left: 2"],
    ["ended", "right: end"],
    ["peer ended", "left: end"],
    ["closed", "left: closed"],
  ] as const) {
    assert.ok(seen.includes(told) && seen.indexOf(told) < seen.indexOf(taken), `${told} in ${seen.join(", ")}`);
  }
});

it("a watched link is in everything else the link itself", () => {
  const called: string[] = [];
  const binding = bytes(7);
  let hasTaken = true;
  const link: Link = {
    name: "under it",
    binding,
    get hasTaken() {
      return hasTaken;
    },
    start: () => called.push("start"),
    write: () => false,
    end: () => called.push("end"),
    destroy: (reason) => called.push(`destroy ${reason}`),
    pause: () => called.push("pause"),
    resume: () => called.push("resume"),
  };
  const watched = watchedLink(link, {});
  assert.equal(watched.name, "under it");
  assert.equal(watched.binding, binding);
  assert.equal(watched.hasTaken, true);
  hasTaken = false;
  assert.equal(watched.hasTaken, false);
  assert.equal(watched.write(bytes(1)), false);
  watched.pause();
  watched.resume();
  watched.end();
  watched.destroy("gone");
  assert.deepEqual(called, ["pause", "resume", "end", "destroy gone"]);
});
