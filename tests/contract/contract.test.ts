import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import {
  contract,
  type Implementation,
  method,
  methodNames,
  methodsOf,
  type Peer,
  servedParts,
} from "../../src/contract/mod.ts";

const greeter = contract("greeter", {
  greet: method([v.string()], v.string()),
  shout: method([v.string()], v.string(), { idempotent: true, description: "Greets loudly." }),
});
const peer: Peer = {
  version: 1,
  dispense() {
    throw new Error("not asked for here");
  },
};

test("a contract is frozen, and has its name and methods", () => {
  assert.equal(greeter.name, "greeter");
  assert.ok(Object.isFrozen(greeter));
  assert.deepEqual(Object.keys(greeter), ["name", "implement", "adapt"]);
  assert.deepEqual([...(methodsOf(greeter)?.keys() ?? [])], ["greet", "shout"]);
  assert.equal(methodsOf(greeter)?.get("shout")?.idempotent, true);
  assert.equal(methodsOf(greeter)?.get("shout")?.description, "Greets loudly.");
});

test("a contract of types only has no methods to check", () => {
  assert.equal(methodsOf(contract<{ greet(name: string): string }>("greeter")), undefined);
});

test("what is no contract is named as such", () => {
  assert.throws(
    () => methodsOf({ name: "greeter" }),
    /this is not a contract; make one with contract\(name, methods\)/,
  );
  assert.throws(() => servedParts(greeter as never), /this cannot be served; pass what contract\.implement/);
});

const badNames: readonly [name: unknown, message: RegExp][] = [
  ["", /a contract name must not be empty/],
  ["a\nb", /the contract name "a\\nb" has a control character/],
  ["a\u0000", /control character/],
  ["a\u2028b", /control character/],
  ["x".repeat(201), /has 201 bytes; 200 are allowed/],
  ["ä".repeat(101), /has 202 bytes/],
  ["a\uD800", /lone surrogate/],
  [5, /a contract name must be a string, not a number/],
  [null, /a contract name must be a string, not null/],
  [undefined, /a contract name must be a string, not undefined/],
  [{}, /a contract name must be a string, not an object/],
];

for (const [name, message] of badNames) {
  test(`${JSON.stringify(String(name).slice(0, 20))} cannot be the name of a contract`, () => {
    assert.throws(
      () => contract(name as string, {}),
      (error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("names of 200 bytes, with spaces, dots and other scripts are allowed", () => {
  for (const name of ["x".repeat(200), "my.company/greeter", "größe 1"]) assert.equal(contract(name, {}).name, name);
});

test("then, constructor and __proto__ cannot be methods, and the error says why", () => {
  assert.throws(
    // biome-ignore lint/suspicious/noThenProperty: that is what is tried
    () => contract("c", { then: method() }),
    /no method can be called then: .* taken for a promise by await/,
  );
  assert.throws(() => contract("c", { constructor: method() }), /no method can be called constructor/);
  assert.throws(() => contract("c", { ["__proto__"]: method() }), /no method can be called __proto__/);
  assert.throws(() => contract("c", { "": method() }), /method name in contract c must not be empty/);
});

test("methods that method() did not make are the caller's mistake", () => {
  assert.throws(() => contract("c", { greet: v.string() } as never), /greet must be made by method\(\)/);
  assert.throws(() => contract("c", [] as never), /its methods must be an object/);
  assert.throws(() => method([String] as never), /schema of args\[0\] given to method\(\) is not a Standard Schema/);
  assert.throws(() => method([], {} as never), /schema of the result given to method\(\) is not a Standard Schema/);
  assert.throws(() => method(v.string() as never), /first parameter of method\(\) must be an array/);
});

test("a plain object serves the methods that the contract lists, and no others", async () => {
  const object = {
    greet: (name: string) => `Hello, ${name}`,
    shout: (name: string) => name.toUpperCase(),
    secret() {},
  };
  const { isFactory, make, name, names } = servedParts(greeter.implement(object));
  const instance = await make(peer);
  assert.deepEqual([name, isFactory, names], ["greeter", false, ["greet", "shout"]]);
  assert.deepEqual([...instance.methods.keys()], ["greet", "shout"]);
  assert.equal(instance.implementation, object);
  assert.equal(instance.methods.get("greet")?.("World"), "Hello, World");
});

class Base {
  greet(name: string): string {
    return `Hello, ${name}`;
  }
}
class Loud extends Base {
  #mark = "!";
  quiet = 5;
  shout(name: string): string {
    return name.toUpperCase() + this.#mark;
  }
  get later(): () => void {
    throw new Error("a getter was run");
  }
}

test("an instance of a class serves its methods and those of its base, with itself as this", async () => {
  const loud = new Loud();
  const { methods } = await servedParts(greeter.implement(loud)).make(peer);
  assert.equal(methods.get("greet")?.call(loud, "a"), "Hello, a");
  assert.equal(methods.get("shout")?.call(loud, "a"), "A!");
});

test("names come from the object and its classes: no constructor, no Object.prototype, no getters, no data", () => {
  assert.deepEqual([...methodNames(new Loud())].sort(), ["greet", "shout"]);
  assert.deepEqual(
    methodNames({
      a() {},
      b: 1,
      [Symbol("c")]: () => {},
      get d() {
        return () => {};
      },
    }),
    ["a"],
  );
  assert.deepEqual(methodNames(Object.assign(Object.create(null), { a() {} })), ["a"]);
  assert.deepEqual(methodNames({ toString: () => "mine" }), ["toString"]);
});

test("a contract of types only serves all methods of its implementation", async () => {
  const open = contract<Base>("greeter");
  const { make, names } = servedParts(open.implement(new Loud()));
  assert.deepEqual([...(names ?? [])].sort(), ["greet", "shout"]);
  assert.deepEqual([...(await make(peer)).methods.keys()].sort(), ["greet", "shout"]);
});

test("a partial contract serves what it lists and, unchecked, what it does not", async () => {
  interface Both {
    greet(name: string): string;
    shout(name: string): string;
  }
  const listed = { greet: method([v.string()], v.string()) };
  const object: Both = { greet: (name) => name, shout: (name) => name };
  const keys = async (made: { implement(of: Implementation<Both>): ReturnType<typeof greeter.implement> }) => [
    ...(await servedParts(made.implement(object)).make(peer)).methods.keys(),
  ];
  assert.deepEqual(await keys(contract<Both>("both", listed, { partial: true })), ["greet", "shout"]);
  // @ts-expect-error the types would promise a method that is not served
  assert.deepEqual(await keys(contract<Both>("both", listed)), ["greet"]);
});

test("a missing method is named with what was probably meant", () => {
  assert.throws(
    () => greeter.implement({ gret: () => "", shout: () => "" } as never),
    /^TypeError: contract greeter: its implementation has no method "greet"; did you mean "gret"\?$/,
  );
  assert.throws(() => greeter.implement({ other() {} } as never), /has no method "greet"; there is "other"$/);
  assert.throws(() => greeter.implement({} as never), /has no method "greet"; there is none$/);
});

const badImplementations: readonly [what: string, implementation: unknown, message: RegExp][] = [
  [
    "a method that is no function",
    { greet: "hello", shout() {} },
    /"greet" of its implementation is no function but a string/,
  ],
  ["null", null, /its implementation must be an object, not null/],
  ["nothing", undefined, /must be an object, not undefined/],
  ["a string", "greeter", /must be an object, not a string/],
  ["a class", Loud, /was given a class; pass an instance, or \(\) => new Loud\(\)/],
  ["a promise", Promise.resolve({}), /its implementation has a method then/],
];

for (const [what, implementation, message] of badImplementations) {
  test(`${what} in place of an implementation is the caller's mistake`, () => {
    assert.throws(
      () => greeter.implement(implementation as never),
      (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

const badMethodNames: readonly [what: string, name: string, message: RegExp][] = [
  ["an empty name", "", /a method name .*must not be empty/],
  ["a control character in its name", "a\nb", /the method name .*"a\\nb" has a control character/],
  ["a name of more than 200 bytes", "x".repeat(201), /has 201 bytes; 200 are allowed/],
];

for (const [what, name, message] of badMethodNames) {
  test(`a method with ${what} is refused, whether the contract lists it or not`, () => {
    assert.throws(() => contract("c", { [name]: method() }), message);
    for (const contractOf of [contract("c"), contract("c", {}, { partial: true })]) {
      const refused = { name: "TypeError", message };
      assert.throws(() => contractOf.implement({ [name]() {}, fine() {} } as never), refused);
    }
  });
}

test("symbols and names that JavaScript asks for itself are never methods", () => {
  const odd = {
    fine() {},
    [Symbol.dispose]() {},
    [Symbol.iterator]() {},
    toJSON() {},
    __proto__: { constructor() {} },
  };
  const { names } = servedParts(contract("c").implement(odd as never));
  assert.deepEqual(names, ["fine"]);
  for (const name of ["then", "constructor", "toJSON"]) {
    assert.throws(() => contract("c", { [name]: method() }), /no method can be called/);
  }
});

test("members of Object.prototype implement nothing", () => {
  const printer = contract("printer", { toString: method([], v.string()) });
  assert.throws(() => printer.implement({} as never), /no method "toString"/);
  assert.ok(printer.implement({ toString: () => "mine" }));
});

test("a factory is called once per dispense, with the peer, and may take its time", async () => {
  const peers: Peer[] = [];
  const made = greeter.implement((each) => {
    peers.push(each);
    return { greet: (name) => name, shout: (name) => name };
  });
  const { isFactory, make, names } = servedParts(made);
  assert.deepEqual([isFactory, names, peers.length], [true, ["greet", "shout"], 0]);
  const [first, second] = [await make(peer), await make(peer)];
  assert.notEqual(first.implementation, second.implementation);
  assert.deepEqual(peers, [peer, peer]);
  const later = servedParts(greeter.implement(async () => new Loud()));
  assert.equal((await later.make(peer)).methods.get("greet")?.("a"), "Hello, a");
});

test("what a factory made is looked through like any implementation", async () => {
  const { make } = servedParts(greeter.implement((() => ({ gret() {} })) as never));
  assert.throws(() => make(peer), /has no method "greet"; did you mean "gret"/);
  const later = servedParts(greeter.implement((async () => 5) as never));
  await assert.rejects(async () => later.make(peer), /must be an object, not a number/);
});

test("only a factory knows the names of a contract of types only", () => {
  assert.equal(servedParts(contract<Base>("greeter").implement(() => new Base())).names, undefined);
});
