import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import type { Link } from "../../src/transport/mod.ts";
import { writeBufferBytes } from "../../src/transport/mod.ts";
import { linkKinds } from "../support/links.ts";
import { Recorder, settle } from "./_recorder.ts";

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

for (const kind of linkKinds) {
  describe(`a link over ${kind.name}`, () => {
    const start = async (): Promise<[Recorder, Recorder]> => {
      const [left, right] = await kind.make();
      return [Recorder.on(left), Recorder.on(right)];
    };
    const closeBoth = async (...recorders: Recorder[]): Promise<void> => {
      for (const recorder of recorders) recorder.link.end();
      await Promise.all(recorders.map((recorder) => recorder.until("closed")));
    };

    for (const size of [1, 3, 1_000, 70_000]) {
      it(`delivers bytes in order in pieces of ${size}`, async () => {
        const [left, right] = await start();
        const total = size === 1 ? 5_000 : 400_000;
        const sent = new Uint8Array(total).map((_, index) => 32 + ((index * 7 + (index >> 8)) % 90));
        await send(left, sent.slice(), size);
        left.link.end();
        await right.until("end");
        assert.equal(right.received, total);
        assert.ok(right.text === new TextDecoder().decode(sent), "content differs");
        await closeBoth(right, left);
      });
    }

    it("never delivers an empty chunk", async () => {
      const [left, right] = await start();
      let empty = 0;
      right.onBytes = (chunk) => {
        if (chunk.length === 0) empty++;
      };
      left.link.write(new Uint8Array(0));
      left.link.write(bytes("a"));
      left.link.write(new Uint8Array(0));
      left.link.end();
      await right.until("end");
      assert.deepEqual([right.text, empty], ["a", 0]);
      await closeBoth(right, left);
    });

    it("keeps bytes that arrive before start", async () => {
      const [left, right] = await kind.make();
      const leftRecorder = Recorder.on(left);
      left.write(bytes("early"));
      left.end();
      await settle();
      const recorder = Recorder.on(right);
      await recorder.until("end");
      assert.equal(recorder.text, "early");
      await closeBoth(recorder, leftRecorder);
    });

    it("calls nothing from inside start, write, end, resume or destroy", async () => {
      const [left, right] = await kind.make();
      const there = new Recorder(right);
      const quiet = (act: () => void): void => {
        const before = there.events.length + here.events.length;
        act();
        assert.equal(there.events.length + here.events.length, before);
      };
      const here = Recorder.on(left);
      left.write(bytes("early"));
      await settle();
      quiet(() => right.start(there));
      quiet(() => right.pause());
      quiet(() => left.write(bytes("late")));
      quiet(() => right.resume());
      quiet(() => left.end());
      await there.until("end");
      quiet(() => right.destroy());
      quiet(() => left.destroy());
      await Promise.all([there.until("closed"), here.until("closed")]);
    });

    it("still delivers a reply after its own direction ended", async () => {
      const [left, right] = await start();
      left.link.write(bytes("question"));
      left.link.end();
      await right.until("end");
      assert.equal(right.text, "question");
      await settle();
      right.link.write(bytes("late answer"));
      right.link.end();
      await left.until("closed");
      await right.until("closed");
      assert.equal(left.text, "late answer");
      assert.deepEqual(left.events, ["bytes", "end", "closed"]);
      assert.deepEqual(right.events, ["bytes", "end", "closed"]);
      assert.deepEqual([left.error, right.error], [undefined, undefined]);
    });

    it("says false past its buffer, and drain once it is taken", async () => {
      const [left, right] = await start();
      right.link.pause();
      const written = await fill(left.link);
      assert.ok(!left.events.includes("drain"));
      right.link.resume();
      await left.until("drain");
      left.link.write(bytes("x"));
      await right.size(written + 1);
      assert.equal(left.events.filter((event) => event === "drain").length, 1);
      await closeBoth(left, right);
    });

    it("takes a bounded amount for a reader that does not read", async () => {
      const [left, right] = await start();
      right.link.pause();
      await settle();
      const before = right.received;
      const written = await fill(left.link);
      // Both sides' own buffers, and for a socket those of the system.
      assert.ok(written <= 4 * 1024 * 1024, `${written} bytes were taken`);
      assert.ok(right.received - before <= writeBufferBytes);
      right.link.resume();
      await closeBoth(left, right);
      assert.equal(right.received, written);
    });

    it("delivers nothing while paused, and everything afterwards in order", async () => {
      const [left, right] = await start();
      right.onBytes = () => right.link.pause();
      left.link.write(bytes("one "));
      await right.size(4);
      left.link.write(bytes("two "));
      left.link.write(bytes("three"));
      left.link.end();
      await settle();
      assert.equal(right.text, "one ");
      right.onBytes = () => {};
      right.link.resume();
      await right.until("end");
      assert.equal(right.text, "one two three");
      await closeBoth(right, left);
    });

    it("can be paused and resumed within each delivery", async () => {
      const [left, right] = await start();
      right.onBytes = () => {
        right.link.pause();
        setImmediate(() => right.link.resume());
      };
      for (let index = 0; index < 50; index++) left.link.write(bytes(`${index},`));
      left.link.end();
      await right.until("end");
      assert.equal(right.text, Array.from({ length: 50 }, (_, index) => `${index},`).join(""));
      await closeBoth(right, left);
    });

    it("closes both sides when one is destroyed, with the reason where it happened", async () => {
      const [left, right] = await start();
      left.link.write(bytes("hello"));
      await right.size(5);
      left.link.destroy(new Error("enough"));
      left.link.destroy(new Error("again"));
      await left.until("closed");
      assert.ok(left.error instanceof PluginError);
      assert.deepEqual([left.error.code, left.error.message], ["transport", "enough"]);
      right.link.end();
      await right.until("closed");
      await settle();
      assert.equal(left.events.filter((event) => event === "closed").length, 1);
      assert.equal(right.events.filter((event) => event === "closed").length, 1);
      assert.equal(right.events.at(-1), "closed");
    });

    it("passes a reason that is a PluginError through as it is", async () => {
      const [left, right] = await start();
      const reason = new PluginError("draining", "bye");
      left.link.destroy(reason);
      await left.until("closed");
      assert.equal(left.error, reason);
      right.link.end();
      await right.until("closed");
    });

    it("has no error when it is destroyed without a reason", async () => {
      const [left, right] = await start();
      left.link.destroy();
      await left.until("closed");
      assert.equal(left.error, undefined);
      right.link.end();
      await right.until("closed");
    });

    it("tells of its end when it was destroyed before start", async () => {
      const [left, right] = await kind.make();
      left.destroy();
      await settle();
      const recorder = Recorder.on(left);
      const other = Recorder.on(right);
      assert.deepEqual(recorder.events, []);
      await recorder.until("closed");
      other.link.end();
      await other.until("closed");
      assert.deepEqual(recorder.events, ["closed"]);
    });

    it("can be destroyed from inside a delivery, and delivers nothing more", async () => {
      const [left, right] = await start();
      right.onBytes = () => right.link.destroy();
      left.link.write(bytes("one"));
      await right.until("closed");
      const text = right.text;
      left.link.write(bytes("two"));
      left.link.end();
      await left.until("closed");
      assert.equal(right.text, text);
      assert.deepEqual(right.events, ["bytes", "closed"]);
    });

    it("drops what is written after end and after destroy", async () => {
      const [left, right] = await start();
      left.link.write(bytes("kept"));
      left.link.end();
      assert.equal(left.link.write(bytes("dropped")), true);
      left.link.end();
      await right.until("end");
      assert.equal(right.text, "kept");
      await closeBoth(right, left);
      assert.equal(left.link.write(bytes("dropped")), true);
      left.link.end();
      left.link.pause();
      left.link.resume();
      left.link.destroy();
      await settle();
      assert.deepEqual(left.events.at(-1), "closed");
    });

    it("leaves the event loop its turns while both sides answer each other", async () => {
      const [left, right] = await start();
      let rounds = 0;
      let over = false;
      const answer = (link: Link) => () => {
        rounds++;
        if (!over) link.write(bytes("x"));
      };
      left.onBytes = answer(left.link);
      right.onBytes = answer(right.link);
      left.link.write(bytes("x"));
      // Neither a timer nor the other phases of the loop have to wait for an end of the answers.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await settle(5);
      await left.when(() => rounds > 5);
      over = true;
      await closeBoth(left, right);
    });
  });
}

/** Writes in pieces of a size, stopping whenever the link asks for it. */
async function send(recorder: Recorder, data: Uint8Array, size: number): Promise<void> {
  for (let offset = 0; offset < data.length; offset += size) {
    const drains = countDrains(recorder);
    if (recorder.link.write(data.slice(offset, offset + size))) continue;
    await recorder.when(() => countDrains(recorder) > drains);
  }
}

function countDrains(recorder: Recorder): number {
  return recorder.events.filter((event) => event === "drain").length;
}

/** Writes until the link says stop, and goes on saying it: gives the number of bytes. */
async function fill(link: Link): Promise<number> {
  let written = 0;
  for (;;) {
    written += 16_384;
    if (link.write(new Uint8Array(16_384))) {
      await settle(2);
      continue;
    }
    return written;
  }
}
