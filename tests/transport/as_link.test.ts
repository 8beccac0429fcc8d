/** What is no connection is refused, by whatever takes one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { attach, connect, contract, type Duplex, serveOver } from "../../mod.ts";

const greeter = contract<{ greet(): string }>("greeter").implement({ greet: () => "hello" });
const { readable } = new TransformStream<Uint8Array, Uint8Array>();

for (const [what, value, shown] of [
  ["an empty object", {}, "an object"],
  ["a promise of one", Promise.resolve({}), "a promise, which has to be awaited"],
  ["half of a pair", { readable }, "an object"],
  ["streams that are none", { readable: 1, writable: {} }, "an object"],
  ["part of a link", { start() {}, write: () => true }, "an object"],
  ["an array", [], "an empty array"],
  ["a text", "x", '"x"'],
  ["null", null, "null"],
  ["nothing", undefined, "undefined"],
] as const) {
  test(`attach, serveOver and connect refuse ${what}`, async () => {
    const wrong = value as unknown as Duplex;
    const form = "{ readable, writable }";
    const name = "TypeError";
    const message = `what to attach to must be ${form}, a link or a reattach info, not ${shown}`;
    await assert.rejects(attach(wrong), { name, message });
    const over = `what to serve over must be ${form} or a link, not ${shown}`;
    await assert.rejects(serveOver(wrong, greeter), { name, message: over });
    await assert.rejects(connect(wrong as unknown as string), {
      name,
      message: /^what to connect to must be an address/,
    });
  });
}
