import assert from "node:assert/strict";
import { test } from "node:test";
import { callContext, contract, inProcess, withOptions } from "../../mod.ts";

interface Waiter {
  wait(): Promise<void>;
  numbers(): AsyncIterable<number>;
}
const waiter = contract<Waiter>("waiter");

/** What a listener of the call's signal finds there. */
function listen(): Promise<string> {
  const found = Promise.withResolvers<string>();
  callContext().signal.addEventListener("abort", () => {
    const { contract, method, signal } = callContext();
    found.resolve(`${contract}.${method} ${signal.aborted}`);
  });
  return found.promise;
}

test("an abort listener of a call's own signal is within the call", async () => {
  const began = Promise.withResolvers<void>();
  const listened: Promise<string>[] = [];
  await using plugin = await inProcess(
    waiter.implement({
      wait: async () => {
        listened.push(listen());
        began.resolve();
        await listened[0];
      },
      async *numbers() {
        listened.push(listen());
        for (let i = 0; ; i++) yield i;
      },
    }),
  );
  const controller = new AbortController();
  const waiting = withOptions(plugin.dispense(waiter), { signal: controller.signal }).wait();
  await began.promise;
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.equal(await listened[0], "waiter.wait true");
  for await (const number of plugin.dispense(waiter).numbers()) if (number === 2) break;
  assert.equal(await listened[1], "waiter.numbers true");
});
