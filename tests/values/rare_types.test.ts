import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertSame } from "./_same.ts";
import { fromHex, newCodec, ownEntries, toHex } from "./_support.ts";

const codec = newCodec();
const pass = <T>(value: T): T => codec.decode(codec.encode(value)) as T;

describe("an error", () => {
  it("arrives as the nearest class of the language, with the name that its own class gave it", () => {
    class NotFound extends RangeError {
      override name = "NotFound";
    }
    class Named extends TypeError {
      override get name(): string {
        return "Named";
      }
    }
    const [own, inherited] = pass([new NotFound("a"), new Named("b")]) as [Error, Error];
    assert.equal(Object.getPrototypeOf(own), RangeError.prototype);
    assert.equal(String(own), "NotFound: a");
    assert.deepEqual(Object.keys(own), ["name"], "enumerable, as fields of classes are");
    assert.equal(Object.getPrototypeOf(inherited), TypeError.prototype);
    assert.equal(String(inherited), "Named: b");
    assert.deepEqual(Object.keys(inherited), []);
  });

  it("of a class made in the old way arrives as an Error", () => {
    function Old(this: { message: string }, message: string): void {
      this.message = message;
    }
    Old.prototype = Object.create(Error.prototype, { name: { value: "Old" } });
    const arrived = pass(Reflect.construct(Old, ["x"]) as Error);
    assert.equal(Object.getPrototypeOf(arrived), Error.prototype);
    assert.equal(String(arrived), "Old: x");
  });

  it("of the system arrives with its code and what else it says", async () => {
    const { readFile } = await import("node:fs/promises");
    const thrown: unknown = await readFile("/no/such/file").catch((error: unknown) => error);
    const arrived = pass(thrown) as NodeJS.ErrnoException;
    assert.equal(arrived.code, "ENOENT");
    assertSame(arrived, thrown);
  });

  it("of a module of Node's crosses on every runtime, whatever it has of its own", async () => {
    const { Buffer } = await import("node:buffer");
    assert.throws(
      () => Buffer.alloc("x" as unknown as number),
      (error) => pass(error) instanceof TypeError,
    );
  });

  it("keeps back its stack, in fields too, unless it is asked for", () => {
    const stacks = newCodec(100, 1 << 20, { stacks: true });
    const error = new Error("x", { cause: new Error("y") });
    const odd = Object.defineProperty(new Error("z"), "stack", { value: "secret", enumerable: true });
    for (const [sent, text] of [
      [error, "rare_types.test"],
      [odd, "secret"],
    ] as const) {
      assert.equal(toHex(codec.encode(sent)).includes(toHex(new TextEncoder().encode(text))), false);
      assert.equal((codec.decode(stacks.encode(sent)) as Error).stack, sent.stack);
    }
    assert.equal(pass(error).stack, "Error: x");
    assert.equal((pass(error).cause as Error).stack, "Error: y");
    const cause = (codec.decode(stacks.encode(error)) as Error).cause as Error;
    assert.equal(cause.stack, (error.cause as Error).stack);
  });

  it("with a field named __proto__ or constructor has it as its own and changes nothing else", () => {
    const fields = ownEntries([
      ["__proto__", { polluted: true }],
      ["constructor", 1],
      ["toString", 2],
    ]);
    const error = Object.defineProperties(new Error("x"), Object.getOwnPropertyDescriptors(fields));
    const arrived = pass(error);
    assert.equal(Object.getPrototypeOf(arrived), Error.prototype);
    assert.deepEqual(Object.keys(arrived), ["__proto__", "constructor", "toString"]);
    assert.equal("polluted" in arrived, false);
    assert.equal("polluted" in {}, false);
  });

  it("is never made by a class that a message names", () => {
    for (const name of ["Function", "Map", "Promise", "Object", "constructor", "__proto__", "PluginError", "NoSuch"]) {
      const text = toHex(new TextEncoder().encode(name));
      const hex = `d81b82${(0x60 + name.length).toString(16)}${text}6178`;
      assert.throws(() => codec.decode(fromHex(hex)), { code: "bad_message", message: /which is not known/ });
    }
  });

  it("that is a DOMException arrives with its name and the code that follows from it", () => {
    const arrived = pass(new DOMException("enough", "AbortError"));
    assert.ok(arrived instanceof DOMException);
    assert.deepEqual([arrived.name, arrived.message, arrived.code], ["AbortError", "enough", 20]);
    const stopped: unknown = pass(AbortSignal.abort().reason);
    assert.ok(stopped instanceof DOMException && stopped.name === "AbortError");
  });

  it("that holds others arrives with all of them", () => {
    const arrived = pass(new AggregateError([new TypeError("a"), "b"], "both", { cause: 1 }));
    assert.ok(arrived instanceof AggregateError);
    assert.ok(arrived.errors[0] instanceof TypeError);
    assert.deepEqual([arrived.errors.length, arrived.errors[1], arrived.cause], [2, "b", 1]);
    const suppressed = pass(new SuppressedError(new Error("close"), "work", "both"));
    assert.ok(suppressed instanceof SuppressedError);
    assert.equal((suppressed.error as Error).message, "close");
    assert.equal(suppressed.suppressed, "work");
  });
});

describe("what another realm made", () => {
  it("crosses like our own, by its class", async () => {
    const vm = await import("node:vm");
    const made = vm.runInNewContext(`[
      new Map([[1, new Set([2])]]), new Date(5), /x/g, new Float32Array([1.5]), new Uint8Array([7]),
      new DataView(new ArrayBuffer(2)), new ArrayBuffer(1), new RangeError("far", { cause: { a: 1 } }),
    ]`) as unknown[];
    const ours = [
      new Map([[1, new Set([2])]]),
      new Date(5),
      /x/g,
      new Float32Array([1.5]),
      new Uint8Array([7]),
      new DataView(new ArrayBuffer(2)),
      new ArrayBuffer(1),
      new RangeError("far", { cause: { a: 1 } }),
    ];
    assertSame(pass(made), ours);
  });

  it("is refused when it is of a subclass", async () => {
    const vm = await import("node:vm");
    const made = vm.runInNewContext("new (class Map extends globalThis.Map {})()") as unknown;
    assert.throws(() => codec.encode(made), { code: "unsupported_value" });
  });
});

describe("binary data", () => {
  it("crosses with the bytes that a view shows and no others", () => {
    const buffer = new Uint8Array(64).fill(7).buffer;
    const message = codec.encode([
      new Float64Array(buffer, 8, 2),
      new DataView(buffer, 3, 5),
      new Uint8Array(buffer, 1, 1),
    ]);
    assert.ok(message.length < 60, String(message.length));
    const arrived = codec.decode(message) as ArrayBufferView[];
    assert.deepEqual(
      arrived.map((view) => [view.byteOffset, view.byteLength, view.buffer.byteLength]),
      [
        [0, 16, 16],
        [0, 5, 5],
        [0, 1, 1],
      ],
    );
  });

  it("of memory that is shared crosses as a copy", () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared[1] = -5;
    const arrived = pass(shared);
    assert.ok(arrived.buffer instanceof ArrayBuffer);
    assert.deepEqual([...arrived], [0, -5]);
  });

  it("that can be resized arrives as long as it is, and no longer", () => {
    const buffer = new ArrayBuffer(2, { maxByteLength: 8 });
    const arrived = pass(buffer);
    assert.deepEqual([arrived.byteLength, arrived.resizable], [2, false]);
  });
});

describe("an array", () => {
  it("keeps its holes apart from undefined, at its beginning and end too", () => {
    const array: unknown[] = [];
    array[1] = undefined;
    array[3] = 1;
    array.length = 6;
    const arrived = pass(array);
    assert.equal(arrived.length, 6);
    assert.deepEqual(Object.keys(arrived), ["1", "3"]);
  });

  it("of holes alone, as many as a message takes, arrives as long as it was", () => {
    const array: unknown[] = [];
    array.length = 100_000;
    assert.equal(pass(array).length, 100_000);
    assert.deepEqual(Object.keys(pass(array)), []);
  });
});

describe("a Map or Set", () => {
  it("keeps its order and keys of every kind", () => {
    const entries: [unknown, unknown][] = [
      ["b", 1],
      [2, "a"],
      [-0, 0],
      [Number.NaN, 1],
      [null, 1],
      [undefined, 1],
      [1n, 1],
      [1, 1],
    ];
    assertSame(pass(new Map(entries)), new Map(entries));
    assertSame(pass(new Set(entries.map(([key]) => key))), new Set(entries.map(([key]) => key)));
  });

  it("that changes while it is written crosses as it was", () => {
    const map = new Map<string, unknown>();
    map.set("a", {
      get grows(): number {
        map.set("b", 1);
        return map.size;
      },
    });
    assertSame(pass([map]), [new Map([["a", { grows: 2 }]])]);
  });

  it("counts as one level of nesting, as does an error", () => {
    const three = newCodec(3);
    assertSame(three.decode(three.encode([new Map([[1, [2]]])])), [new Map([[1, [2]]])]);
    for (const value of [[new Map([[1, [[2]]]])], [new Set([[[2]]])], [new Error("x", { cause: [1] })]]) {
      assert.throws(() => three.encode(value), { code: "unsupported_value", message: /nested deeper than 3 levels/ });
      assert.throws(() => three.decode(newCodec().encode(value)), { code: "bad_message", message: /deeper than 3/ });
    }
  });
});
