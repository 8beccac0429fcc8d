/** What a hello says of methods beside their names. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { contract, method, type Served } from "../../mod.ts";
import { encodeHello, type Hello, parseHello } from "../../src/hello/hello.ts";
import { makeHello } from "../../src/hello/make_hello.ts";
import { offerOf } from "../../src/hello/offer.ts";
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
    const { signatures: _, ...rest } = got!;
    assert.deepEqual(rest, { name: "c", methods: ["plain", "said", "again"], shared: true, about });
  });

  it("are no key at all where nothing is said", () => {
    const served = contract<{ plain(): void }>("c").implement({ plain: () => {} });
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
    assert.equal(got?.about, undefined);
    assert.deepEqual(Object.keys(got?.signatures ?? {}), names);
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

describe("signatures in a hello", () => {
  const text = "() => string";

  it("are there for each method that has schemas, and for no other", () => {
    const both = contract<{ a(): string; b(): void }>("c", { a: method([], v.string()) }, { partial: true });
    const [offered] = offerOf([both.implement({ a: () => "", b: () => {} })]);
    assert.deepEqual([offered?.methods, offered?.signatures], [["a", "b"], { a: text }]);
  });

  it("are dropped from the end when the hello would not fit with them, and only as many as must be", () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field${i}`, v.string()]));
    const names = Array.from({ length: 200 }, (_, i) => `m${i}`);
    const servedAs = (name: string): Served =>
      contract(name, Object.fromEntries(names.map((each) => [each, method([v.object(fields)])]))).implement(
        Object.fromEntries(names.map((each) => [each, () => {}])) as never,
      );
    const bytes = encodeHello(helloWith([servedAs("first"), servedAs("second")]), codec);
    assert.ok(bytes.length <= 65_536 && bytes.length > 64_000, `${bytes.length} bytes`);
    const [first, second] = parseHello(bytes, codec, "plugin").contracts;
    const kept = Object.keys(first?.signatures ?? {});
    assert.ok(kept.length > 100 && kept.length < 200, `${kept.length} signatures`);
    assert.deepEqual(kept, names.slice(0, kept.length));
    assert.deepEqual([second?.methods, second?.signatures], [names, undefined]);
  });

  it("are refused when they are not what they have to be", () => {
    const hello = helloWith([]);
    for (const signatures of [5, { m: 5 }, { m: "x".repeat(501) }]) {
      const contracts = [{ name: "c", methods: ["m"], signatures }];
      assert.throws(() => parseHello(codec.encode({ ...hello, contracts }), codec, "plugin"), {
        name: "PluginError",
        code: "protocol",
      });
    }
  });
});
