import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReferenceSink, ReferenceSource } from "../../src/values/mod.ts";
import { newCodec, toHex } from "./_support.ts";

const codec = newCodec();
const places = ["references", "target", "method", "args"];

class Sink implements ReferenceSink {
  readonly values: object[] = [];
  readonly paths: string[] = [];
  readonly #takes: (value: object) => boolean;
  constructor(takes: (value: object) => boolean = () => true) {
    this.#takes = takes;
  }
  add(value: object, path: () => string): number | undefined {
    if (!this.#takes(value)) return undefined;
    this.paths.push(path());
    return this.values.push(value) - 1;
  }
  list(): readonly unknown[] | undefined {
    return this.values.length === 0 ? undefined : this.values.map((_, i) => [0, i]);
  }
}

class Source implements ReferenceSource {
  begun: unknown[] = [];
  readonly #values: readonly object[];
  constructor(values: readonly object[]) {
    this.#values = values;
  }
  begin(list: unknown): void {
    this.begun.push(list);
  }
  at(index: number): unknown {
    return this.#values[index];
  }
}

function pass(message: readonly unknown[], sink: Sink): unknown[] {
  return codec.decodeMessage(codec.encodeMessage(message, places, sink), new Source(sink.values));
}

test("a message without references is the one that encode gives", () => {
  const message = [null, 1, "find", [{ a: 1 }]];
  assert.equal(toHex(codec.encodeMessage(message, places, new Sink())), toHex(codec.encode(message)));
  const source = new Source([]);
  assert.deepEqual(codec.decodeMessage(codec.encode(message), source), message);
  assert.deepEqual(source.begun, [null]);
});

test("the list of the references comes where null was, the index where each stands", () => {
  const walk = (): void => {};
  const message = codec.encodeMessage([null, 1, "find", [walk]], places, new Sink());
  assert.equal(toHex(message), `84${"81820000"}01${"6466696e64"}81${"d9505700"}`);
});

test("functions, class instances, streams and objects with symbols for keys are offered, with their paths", () => {
  class Point {}
  const values = [
    () => {},
    new Point(),
    new ReadableStream(),
    new AbortController().signal,
    { async *[Symbol.asyncIterator]() {} },
    (async function* () {})(),
  ];
  const sink = new Sink();
  const [list, ...rest] = pass([null, 1, "find", [{ all: values }]], sink);
  assert.deepEqual(
    list,
    [0, 1, 2, 3, 4, 5].map((i) => [0, i]),
  );
  const arrived = (rest[2] as [{ all: unknown[] }])[0].all;
  values.forEach((value, i) => {
    assert.equal(arrived[i], value);
  });
  assert.deepEqual(
    sink.paths,
    [0, 1, 2, 3, 4, 5].map((i) => `args[0].all[${i}]`),
  );
});

test("a plain object of functions is offered whole, and goes by value when it is not taken", () => {
  const handlers = { a: () => {}, b: undefined };
  assert.equal(pass([null, handlers], new Sink())[1], handlers);
  const sink = new Sink((value) => typeof value === "function");
  const arrived = pass([null, handlers], sink)[1] as typeof handlers;
  assert.notEqual(arrived, handlers);
  assert.equal(arrived.a, handlers.a);
  assert.ok(Object.hasOwn(arrived, "b"));
});

test("an object of functions and data goes by value, its functions by reference", () => {
  const sink = new Sink();
  const options = { onEnd: () => {}, depth: 2 };
  assert.deepEqual(pass([null, options], sink)[1], options);
  assert.deepEqual(sink.values, [options.onEnd]);
});

test("a plain object that is marked is offered, whatever it is made of", () => {
  const marked = { name: "Ada", greet: () => {} };
  const sink = Object.assign(new Sink(), { marked: new WeakSet([marked]) });
  assert.equal(pass([null, [marked]], sink)[1]![0 as never], marked);
});

test("what the sink does not take is refused as before", () => {
  const sink = new Sink(() => false);
  assert.throws(() => pass([null, 0, "m", [{ a: () => {} }]], sink), { code: "unsupported_value", path: "args[0].a" });
  assert.throws(() => pass([null, 0, "m", [Symbol("s")]], new Sink()), { code: "unsupported_value" });
});

test("many references and a large message splice as well as few", () => {
  const calls = Array.from({ length: 3_000 }, () => () => {});
  const sink = new Sink();
  const message = [null, "x".repeat(100_000), calls, "end"];
  assert.deepEqual(pass(message, sink).slice(1), message.slice(1));
});

test("a reference is malformed in a value, in the list itself and without an index", () => {
  const source = new Source([{}]);
  const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
  assert.throws(() => codec.decode(bytes("d9505700")), { code: "bad_message", message: /at byte 0: a reference/ });
  for (const hex of [
    "82d9505700d9505700",
    "82f6d950576161",
    "82f6d9505720",
    "82f6d950571bffffffffffffffff",
    "80",
    "f6",
    "",
  ]) {
    assert.throws(() => codec.decodeMessage(bytes(hex), source), { code: "bad_message" }, hex);
  }
  assert.throws(
    () => codec.decode(bytes("82f6d9505700")),
    { code: "bad_message" },
    "the source of before is forgotten",
  );
});

test("with the option shared, what is taken up is taken up once, and what is no reference is still shared", () => {
  const sharing = newCodec(100, 1 << 20, { shared: true });
  const walk = (): void => {};
  const stream = new ReadableStream();
  const data = { walk };
  const sink = new Sink();
  const message = [null, [walk, stream, data, data, walk, stream]];
  const [, arrived] = sharing.decodeMessage(sharing.encodeMessage(message, places, sink), new Source(sink.values));
  // A plain object of functions alone is taken up whole.
  assert.deepEqual(sink.values, [walk, stream, data]);
  assert.deepEqual(arrived, [walk, stream, data, data, walk, stream]);
});

test("references within Maps, Sets and errors are taken up with their paths", () => {
  const walk = (): void => {};
  const sink = new Sink();
  const error = Object.assign(new Error("x"), { retry: walk });
  const arrived = pass([null, 0, "m", [new Map([["on", walk]]), new Set([walk]), error]], sink)[3] as [
    Map<string, unknown>,
    Set<unknown>,
    { retry: unknown },
  ];
  assert.deepEqual(sink.paths, ['args[0].get("on")', "args[1].values()[0]", "args[2].retry"]);
  assert.equal(arrived[0].get("on"), walk);
  assert.ok(arrived[1].has(walk));
  assert.equal(arrived[2].retry, walk);
});

test("what the sink throws passes as it is", () => {
  const thrown = new TypeError("the stream is locked");
  const sink: ReferenceSink = {
    add() {
      throw thrown;
    },
    list: () => undefined,
  };
  assert.throws(() => codec.encodeMessage([null, () => {}], places, sink), thrown);
  assert.throws(() => codec.encodeMessage([0], places, sink), TypeError);
});
