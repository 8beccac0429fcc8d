import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import { failsWith, leavesNothing, Place, runtime, timeout } from "./_host.ts";
import { bytesOf, Tap } from "./_tap.ts";

const place = new Place();

describe(`sockets of ${runtime.name}`, { timeout }, () => {
  leavesNothing();

  const addresses: [string, () => Address][] = [
    ["a Unix socket", () => place.socketAddress()],
    ["TCP", () => ({ network: "tcp", host: "127.0.0.1", port: 0 })],
  ];
  for (const [name, address] of addresses) {
    it(`echoes over ${name} and closes once both sides ended`, async () => {
      const { near, far, listener } = await place.pair(address());
      const [a, b] = [new Tap(near), new Tap(far)];
      near.write(bytesOf("hello"));
      assert.equal(await b.text(5), "hello");
      far.write(bytesOf("and back"));
      assert.equal(await a.text(8), "and back");
      near.end();
      await b.ended;
      far.end();
      assert.equal(await a.closing, undefined);
      assert.equal(await b.closing, undefined);
      assert.deepEqual(a.events, ["bytes", "end", "closed"]);
      assert.deepEqual(b.events, ["bytes", "end", "closed"]);
      await listener.close();
    });

    it(`delivers a late answer after the end of its asker over ${name}`, async () => {
      const { near, far, listener } = await place.pair(address());
      const [a, b] = [new Tap(near), new Tap(far)];
      near.write(bytesOf("ask"));
      near.end();
      await b.ended;
      // More than the system's buffers take in one go, so that it is sent in pieces after the peer's end.
      const late = new Uint8Array(4 * 1024 * 1024).fill(7);
      far.write(late);
      far.end();
      await a.ended;
      assert.equal(a.length, late.length);
      assert.equal(await a.closing, undefined);
      await b.closing;
      await listener.close();
    });
  }

  it("keeps bytes and the end that came before the start, and never calls from inside start", async () => {
    const { near, far, listener } = await place.pair();
    const a = new Tap(near);
    near.write(bytesOf("early"));
    near.end();
    await place.arrival();
    const b = new Tap(far, false);
    far.start(b);
    assert.deepEqual(b.events, []);
    await b.ended;
    assert.equal(b.all(), "early");
    far.end();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("gives false past the limit, then drain once what was queued is taken", async () => {
    const { near, far, listener } = await place.pair();
    const a = new Tap(near);
    const b = new Tap(far, false);
    assert.equal(near.write(new Uint8Array(100)), true);
    let sent = 100;
    while (near.write(new Uint8Array(32_768))) sent += 32_768;
    sent += 32_768;
    assert.ok(sent < 64 * 1024 * 1024, "back-pressure must come");
    assert.deepEqual(a.events, []);
    far.start(b);
    await a.until(() => a.events.includes("drain"));
    assert.equal(near.write(new Uint8Array(10)), true);
    await b.until(() => b.length === sent + 10);
    assert.deepEqual(a.events, ["drain"]);
    near.destroy();
    far.destroy();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("delivers nothing while paused, and all of it in order after", async () => {
    const { near, far, listener } = await place.pair();
    const a = new Tap(near);
    const b = new Tap(far);
    near.write(bytesOf("one "));
    await b.text(4);
    far.pause();
    near.write(bytesOf("two "));
    await place.arrival();
    assert.equal(b.all(), "one ");
    near.write(bytesOf("three"));
    near.end();
    far.resume();
    await b.ended;
    assert.equal(b.all(), "one two three");
    far.end();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("gives chunks that own their bytes and pin no larger buffer", async () => {
    const { near, far, listener } = await place.pair();
    const [a, b] = [new Tap(near), new Tap(far)];
    for (let round = 0; round < 50; round++) {
      near.write(new Uint8Array(100).fill(round));
      await b.until(() => b.length === (round + 1) * 100);
    }
    const buffers = new Set(b.chunks.map((chunk) => chunk.buffer));
    assert.equal(buffers.size, b.chunks.length);
    for (const [round, chunk] of b.chunks.entries()) {
      assert.ok(chunk.buffer.byteLength <= 4096, `${chunk.buffer.byteLength} bytes pinned by ${chunk.length}`);
      assert.ok(chunk.every((byte) => byte === round));
      assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype);
    }
    near.destroy();
    far.destroy();
    await Promise.all([a.closing, b.closing]);
    await listener.close();
  });

  it("sends the bytes of a part of a larger buffer, and 64 MiB intact", async () => {
    const { near, far, listener } = await place.pair();
    const a = new Tap(near);
    const total = 64 * 1024 * 1024;
    let [received, sum] = [0, 0];
    const done = Promise.withResolvers<void>();
    far.start({
      bytes: (chunk) => {
        for (let at = 0; at < chunk.length; at += 4096) sum += chunk[at]! === (received + at) % 251 ? 0 : 1;
        received += chunk.length;
      },
      end: () => far.end(),
      drain: () => {},
      closed: () => done.resolve(),
    });
    const slab = Uint8Array.from({ length: 251 * 400 }, (_, at) => at % 251);
    for (let sent = 0; sent < total; ) {
      const from = sent % 251;
      const piece = slab.subarray(from, from + Math.min(48_000, total - sent));
      sent += piece.length;
      if (!near.write(piece)) {
        const drains = a.events.length;
        await a.until(() => a.events.length > drains);
      }
    }
    near.end();
    await done.promise;
    assert.deepEqual([received, sum], [total, 0]);
    await a.closing;
    await listener.close();
  });

  it("closes both sides when one is destroyed, and takes later writes in silence", async () => {
    const { near, far, listener } = await place.pair();
    const [a, b] = [new Tap(near), new Tap(far)];
    near.destroy(new PluginError("protocol", "of bad manners"));
    near.destroy();
    failsWith("protocol", "of bad manners")(await a.closing);
    assert.equal(near.write(bytesOf("x")), true);
    near.end();
    await b.ended;
    // The peer is gone: whatever the system says to that, it is no error of the link.
    for (let round = 0; round < 3; round++) far.write(new Uint8Array(100_000));
    far.end();
    assert.equal(await b.closing, undefined);
    assert.equal(a.events.filter((event) => event === "closed").length, 1);
    assert.equal(b.events.filter((event) => event === "closed").length, 1);
    await listener.close();
  });

  it("closes when destroyed before it was started", async () => {
    const { near, far, listener } = await place.pair();
    near.destroy();
    far.destroy();
    const [a, b] = [new Tap(near), new Tap(far)];
    await Promise.all([a.closing, b.closing]);
    assert.deepEqual([a.events, b.events], [["closed"], ["closed"]]);
    await listener.close();
  });

  it("refuses to connect where nothing listens, and says so", async () => {
    const absent = place.socketAddress();
    await assert.rejects(runtime.connect({ network: "unix", path: absent.path }), (error: PluginError) => {
      assert.equal(error.errno, "ENOENT");
      return failsWith("connect_failed", absent.path)(error);
    });
    await writeFile(absent.path, "a plain file");
    await assert.rejects(runtime.connect({ network: "unix", path: absent.path }), failsWith("connect_failed"));
    const { near, far, listener } = await place.pair({ network: "tcp", host: "127.0.0.1", port: 0 });
    near.destroy();
    far.destroy();
    await listener.close();
    await assert.rejects(runtime.connect(listener.address), failsWith("connect_failed", "127.0.0.1"));
  });

  it("refuses to listen where a file is, and removes its own when closed", async () => {
    const address = place.socketAddress();
    const listener = await runtime.listen(address, () => {});
    assert.equal((await runtime.stat(address.path))?.kind, "socket");
    await assert.rejects(
      runtime.listen(address, () => {}),
      failsWith("start_failed", address.path),
    );
    await listener.close();
    await listener.close();
    assert.equal(await runtime.stat(address.path), undefined);
    assert.equal(await runtime.stat(`${address.path}/below`), undefined);
  });

  it("lets accepted connections live on when the listener closes", async () => {
    const { near, far, listener } = await place.pair();
    await listener.close();
    const [a, b] = [new Tap(near), new Tap(far)];
    near.write(bytesOf("still here"));
    assert.equal(await b.text(10), "still here");
    near.end();
    far.end();
    await Promise.all([a.closing, b.closing]);
  });

  it("refuses a path that no system takes before it touches anything", async () => {
    const path = `${place.directory}/${"é".repeat(60)}`;
    const length = bytesOf(path).length;
    const facts = [`${length}`, /107|103/, "TMPDIR"];
    await assert.rejects(
      runtime.listen({ network: "unix", path }, () => {}),
      failsWith("address_too_long", ...facts),
    );
    await assert.rejects(runtime.connect({ network: "unix", path }), failsWith("address_too_long", ...facts));
    assert.equal(
      (await runtime.list(place.directory)).some((name) => name.includes("é")),
      false,
    );
  });

  it("takes a path of exactly the limit", async () => {
    const limit = runtime.os === "linux" ? 107 : 103;
    const path = `${place.directory}/`.padEnd(limit, "x");
    const { near, far, listener } = await place.pair({ network: "unix", path });
    near.destroy();
    far.destroy();
    await listener.close();
  });

  it("rejects with the reason of its signal", async () => {
    const address = place.socketAddress();
    const listener = await runtime.listen(address, (link) => link.destroy());
    const reason = new Error("changed my mind");
    await assert.rejects(runtime.connect(address, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const connecting = runtime.connect(address, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(connecting, reason);
    await listener.close();
  });
});
