/** What a hello says of methods beside their names. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { contract, method, type Served } from "../../mod.ts";
import { encodeHello, type Hello, parseHello } from "../../src/rpc/hello.ts";
import { makeHello } from "../../src/rpc/make_hello.ts";
import { offerOf } from "../../src/rpc/offer.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits } from "../../src/wire/mod.ts";

const codec = new ValueCodec(defaultLimits);

function helloWith(served: readonly Served[]): Hello {
  const identity = { instance: "x", pid: 1, started: 1 };
  const versions = { versions: [1], version: 1 };
  return makeHello({ role: "plugin", limits: defaultLimits, identity, auth: false, ...versions, served, owner: false });
}

function servedWith(names: readonly string[], description: string): Served {
  const methods = Object.fromEntries(names.map((name) => [name, method([], v.string(), { description })]));
  const implementation = Object.fromEntries(names.map((name) => [name, () => ""]));
  return contract("c", methods).implement(implementation as never);
}

describe("notes on methods in a hello", () => {
  it("arrive as the contract has them, of those methods alone that have some", () => {
    const c = contract("c", {
      plain: method(),
      said: method([], v.string(), { description: "Says it." }),
      again: method([], undefined, { idempotent: true }),
    });
    const served = c.implement({ plain: () => {}, said: () => "", again: () => {} });
    const about = { said: { description: "Says it." }, again: { idempotent: true } };
    const [got] = parseHello(encodeHello(helloWith([served]), codec), codec, "plugin").contracts;
    assert.deepEqual(got, { name: "c", methods: ["plain", "said", "again"], shared: true, about });
  });

  it("are no key at all where nothing is said", () => {
    const served = contract("c", { plain: method() }).implement({ plain: () => {} });
    assert.deepEqual(offerOf([served]), [{ name: "c", methods: ["plain"], shared: true }]);
  });

  it("are cut after 1,000 characters, and stay text that can be sent", () => {
    const [offered] = offerOf([servedWith(["m"], `${"x".repeat(999)}\u{1f600}`)]);
    assert.equal(offered?.about?.m?.description, `${"x".repeat(999)}\ufffd`);
  });

  it("give way when the hello would not fit with them", () => {
    const names = Array.from({ length: 100 }, (_, index) => `m${index}`);
    const served = servedWith(names, "x".repeat(1_000));
    const [got] = parseHello(encodeHello(helloWith([served]), codec), codec, "plugin").contracts;
    assert.deepEqual(got, { name: "c", methods: names, shared: true });
  });

  it("are refused when they are not what they have to be", () => {
    const hello = helloWith([]);
    for (const about of [5, { m: 5 }, { m: { description: 5 } }, { m: { description: "x".repeat(1_001) } }]) {
      const contracts = [{ name: "c", methods: ["m"], about }];
      assert.throws(() => parseHello(codec.encode({ ...hello, contracts }), codec, "plugin"), {
        name: "PluginError",
        code: "protocol",
      });
    }
  });
});
