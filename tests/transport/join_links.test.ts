/** Two links whose bytes are handed on to each other, as a proxy does. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { attach, contract, serveOver } from "../../mod.ts";
import { joinLinks } from "../../src/transport/join_links.ts";
import { type Link, memoryLinks } from "../../src/transport/mod.ts";
import { linkKinds } from "../support/links.ts";

const work = contract<{ sum(bytes: Uint8Array): number; fill(size: number): Uint8Array }>("work");
const served = work.implement({
  sum: (bytes) => bytes.reduce((sum, byte) => sum + byte, 0),
  fill: (size) => new Uint8Array(size).fill(1),
});

for (const kind of linkKinds) {
  it(`a session runs through over ${kind.name}, large messages too, and ends well`, async () => {
    const [hostEnd, near] = await kind.make();
    const [far, pluginEnd] = await kind.make();
    const joined = joinLinks(near, far);
    const over = serveOver(pluginEnd, served);
    const plugin = await attach(hostEnd);
    const proxy = plugin.dispense(work);
    assert.equal(await proxy.sum(new Uint8Array(1_000_000).fill(2)), 2_000_000);
    assert.equal((await proxy.fill(1_000_000)).length, 1_000_000);
    await plugin.stop();
    await over;
    await joined;
  });
}

it("what breaks off on one side breaks off on the other", async () => {
  const [left, near] = memoryLinks("left");
  const [far, right] = memoryLinks("right");
  const joined = joinLinks(near, far);
  const closed = new Promise<void>((resolve) => listen(right, resolve));
  listen(left, () => {});
  left.destroy();
  await closed;
  await joined;
});

it("a reader that pauses holds the writer back", async () => {
  const [left, near] = memoryLinks("left");
  const [far, right] = memoryLinks("right");
  void joinLinks(near, far);
  let taken = 0;
  const first = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  const total = 4_000_000;
  right.start({
    bytes: (chunk) => {
      if (taken === 0) {
        right.pause();
        first.resolve();
      }
      taken += chunk.length;
      if (taken === total) all.resolve();
    },
    end: () => right.end(),
    drain: () => {},
    closed: () => {},
  });
  const drained = { resolve: () => {} };
  listen(
    left,
    () => {},
    () => drained.resolve(),
  );
  const writing = (async () => {
    for (let sent = 0; sent < total; sent += 40_000) {
      if (left.write(new Uint8Array(40_000))) continue;
      await new Promise<void>((resolve) => {
        drained.resolve = resolve;
      });
    }
  })();
  await first.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(taken < total / 2, `${taken} bytes went through`);
  right.resume();
  await writing;
  await all.promise;
  left.end();
});

function listen(link: Link, closed: () => void, drain: () => void = () => {}): void {
  link.start({ bytes: () => {}, end: () => link.end(), drain, closed });
}
