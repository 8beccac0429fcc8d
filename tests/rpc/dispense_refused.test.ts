import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callContext, contract, inProcess, type Peer } from "../../mod.ts";
import { dispenseMoving } from "../../src/rpc/mod.ts";
import * as namespace from "../fixtures/address/contracts.ts";

const greeter = contract<{ greet(name: string): string }>("greeter");
const host = contract<{ ask(): void }>("host");

const wrong: readonly [what: string, given: () => unknown, shown: string][] = [
  ["a name", () => "greeter", 'not "greeter"'],
  ["an object", () => ({}), "not an object"],
  ["an object with a name", () => ({ name: "greeter" }), "not an object"],
  ["a promise", () => Promise.resolve(greeter), "not a promise; await it first"],
  ["a module", () => namespace, "not a module; pass what it exports"],
  ["what implement() gave", () => greeter.implement({ greet: (name) => name }), "not an object"],
  ["a function", () => contract, "not a function"],
  ["nothing", () => undefined, "not undefined"],
  ["null", () => null, "not null"],
];

function refused(peer: Peer, given: unknown, shown: string): void {
  const text = `dispense takes a contract, as contract(…) gives it, ${shown}`;
  assert.throws(() => peer.dispense(given as typeof greeter), { name: "TypeError", message: text });
}

describe("dispense", () => {
  for (const [what, given, shown] of wrong) {
    it(`refuses ${what} in the host, and in the plugin`, async () => {
      const asking = host.implement((peer) => ({
        ask() {
          refused(peer, given(), shown);
          refused(callContext().peer, given(), shown);
        },
      }));
      await using plugin = await inProcess(asking, greeter.implement({ greet: (name) => name }));
      refused(plugin, given(), shown);
      await plugin.dispense(host).ask();
      // A connection that is made again has proxies of its own, which ask for the session only then.
      const lasting: Peer = { version: 1, dispense: (passed) => dispenseMoving(undefined as never, passed) as never };
      refused(lasting, given(), shown);
    });
  }
});

describe("what is wrong with a dispense", () => {
  it("is thrown at once, and what is wrong with a call of a proxy that is there rejects", async () => {
    const plugin = await inProcess(greeter.implement({ greet: (name) => name }));
    const proxy = plugin.dispense(greeter);
    assert.throws(() => plugin.dispense(host), { code: "no_such_contract" });
    await plugin.stop();
    assert.throws(() => plugin.dispense(greeter), { code: "closed" });
    const call = proxy.greet("a");
    await assert.rejects(call, { code: "closed" });
  });
});
