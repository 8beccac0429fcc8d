import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameType } from "../../src/wire/mod.ts";
import { Attack, callBytes, Raw, refs } from "./_attack.ts";
import { codec } from "./_sessions.ts";

const open = 1;
const end = 4;

function nested(depth: number): Raw {
  return new Raw(new Uint8Array(depth).fill(0x81), [0x80]);
}

/** An array that says it has so many items, and has none. */
function claims(count: number): Raw {
  return new Raw([0x9a, (count >>> 24) & 255, (count >>> 16) & 255, (count >>> 8) & 255, count & 255]);
}

describe("a message whose references cannot be right is answered, and nothing of it is kept:", () => {
  const fn = [0, 3];
  const lists: readonly (readonly [says: string, list: unknown, args?: unknown])[] = [
    ["a list nested 50,000 deep", nested(50_000)],
    ["arguments nested 50,000 deep", [fn], nested(50_000)],
    ["a list that says it has 60,000 items", claims(60_000)],
    ["a list of a text that says it has 2^31 bytes", new Raw([0x81, 0x7a, 0x80, 0, 0, 0])],
    ["arguments that say they are 2^32 - 1", [fn], claims(0xffff_ffff)],
    ["a list without end", new Raw([0x9f, 0x82, 0, 0, 0xff])],
    ["a list that is a map", { 0: fn }],
    ["a list that is a text", "functions"],
    ["a list that is true", true],
    ["one number for two kinds", [fn, [1, 3, ["a"]]]],
    ["one number for a function and a stream", [[2, 3], fn]],
    ...[-1, 0.5, 2 ** 53, "0", null, undefined, Number.NaN, Number.POSITIVE_INFINITY, true, [0], 0n, -0.5].map(
      (id) => [`the number ${String(id)} for a function`, [[0, id]]] as const,
    ),
    ...[0, 7, -1, 0.5, 2 ** 53, "0", null, undefined, Number.NaN, false, {}].map(
      (id) => [`${String(id)} coming home, which never left`, [id]] as const,
    ),
    ...[6, 99, -1, 0.5, "0", null, undefined, 2 ** 53, [0]].map(
      (kind) => [`the kind ${String(kind)}`, [[kind, 3]]] as const,
    ),
    ["an empty description", [[]]],
    ["a kind without a number", [[0]]],
    ["one good reference before a bad one", [fn, [1, 4, ["a"]], [0, -1]]],
    ["an object without names", [[1, 3]]],
    ["an object with 4,097 names", [[1, 3, Array.from({ length: 4_097 }, (_, n) => `m${n}`)]]],
    ["an object with a name that is none", [[1, 3, ["a", 5]]]],
    ["an object whose names are a text", [[1, 3, "run"]]],
    ["a reference in the list", new Raw([0x81, 0x82, 0x00, 0xd9, 0x50, 0x57, 0x00])],
    ["an index that the list does not have", [fn], refs(1)],
    ["an index without a list", null, refs(0)],
    ["an index below 0", [fn], new Raw([0x81, 0xd9, 0x50, 0x57, 0x20])],
    ["an index that is a text", [fn], new Raw([0x81, 0xd9, 0x50, 0x57, 0x61, 0x30])],
    ["an index of 2^64 - 1", [fn], new Raw([0x81, 0xd9, 0x50, 0x57, 0x1b], new Uint8Array(8).fill(255))],
    ["arguments that are a reference", [fn], new Raw([0xd9, 0x50, 0x57, 0x00])],
  ];
  for (const [says, list, args = refs(0)] of lists) {
    it(says, async () => {
      const attack = new Attack();
      const { status, body } = await attack.ask(callBytes(list, 0, "run", args));
      assert.deepEqual([status, body.code, body.execution], [2, "bad_message", "none"], body.message);
      await attack.stillGood();
      assert.deepEqual(attack.vault.reached, []);
      await attack.close();
    });
  }
});

it("a list that says it has more items than can be held, and has none, ends the session", async () => {
  for (const list of [
    claims(10_000_000),
    new Raw([0x9b, 0, 0x20, 0, 0, 0, 0, 0, 0]),
    new Raw([0x99, 0xff, 0xff], []),
  ]) {
    const attack = new Attack({ maxReferences: 60_000 });
    attack.send(callBytes(list, 0, "run", refs(0)));
    assert.deepEqual(await attack.ended(), { goAway: 3, code: "limit" });
    assert.deepEqual(attack.vault.reached, []);
  }
});

describe("what is asked of a reference is what it names, and nothing else:", () => {
  const inherited = ["constructor", "__proto__", "prototype", "then", "toString", "valueOf", "hasOwnProperty"];
  const strange = ["__defineGetter__", "toJSON", "Symbol(Symbol.iterator)", "Symbol.iterator", "0", " ", "\0"];
  const names = [...inherited, ...strange];
  const attempts: readonly (readonly [says: string, method: string, target: number, names: readonly string[]])[] = [
    ["a function", "fn", 0, ["call", "apply", "bind", "secret", "length", "name", ...names]],
    ["an object", "object", 0, ["token", "trap", "#hidden", "hidden", "OWN", "own ", "", ...names]],
    ["an object of a contract", "narrow", 1, ["reset", "", "Next", ...names]],
    ["a stream to write to", "sink", 0, ["write", "getWriter", "abort", "close", "locked", ...names]],
    ["a stream of bytes", "bytes", 0, ["getReader", "cancel", "tee", "locked", "next", "return", ...names]],
    ["a generator", "items", 0, ["next", "return", "throw", ...names]],
    ["a signal", "signal", 0, ["", "aborted", "throwIfAborted", "addEventListener", "dispatchEvent", ...names]],
  ];
  for (const [says, method, target, tried] of attempts) {
    it(`${says}, of which ${tried.length} names are tried`, async () => {
      const attack = new Attack();
      const id = await attack.reference(method, target);
      for (const name of tried) {
        const { status, body } = await attack.ask([null, -1 - id, name, []]);
        assert.deepEqual([status, body.code, body.execution], [2, "no_such_method", "none"], name);
      }
      assert.deepEqual(attack.vault.reached, []);
      await attack.stillGood({ exports: 1 });
      await attack.close();
    });
  }

  it("a contract, of which as many are tried", async () => {
    const attack = new Attack();
    for (const target of [0, 1]) {
      for (const name of ["", ...names]) {
        const { status, body } = await attack.ask([null, target, name, []]);
        assert.deepEqual([status, body.code, body.execution], [2, "no_such_method", "none"], name);
      }
    }
    assert.deepEqual(attack.vault.reached, []);
    await attack.stillGood();
    await attack.close();
  });

  it("what it does name can be called, so that the others were not refused for another reason", async () => {
    const attack = new Attack();
    const [fn, object, narrow] = [
      await attack.reference("fn"),
      await attack.reference("object"),
      await attack.reference("narrow", 1),
    ];
    assert.equal((await attack.ask([null, -1 - fn, "", []])).status, 0);
    assert.equal((await attack.ask([null, -1 - object, "own", []])).status, 0);
    assert.equal((await attack.ask([null, -1 - object, "inherited", []])).status, 0);
    assert.equal((await attack.ask([null, -1 - narrow, "next", []])).status, 0);
    assert.deepEqual(attack.vault.reached, ["fn", "own", "inherited", "next"]);
    attack.control([2, fn, 1, object, 1, narrow, 1]);
    await attack.stillGood();
    await attack.close();
  });

  it("a number that it does not hold any more is none", async () => {
    const attack = new Attack();
    const id = await attack.reference("fn");
    attack.control([2, id, 1]);
    const { status, body } = await attack.ask([null, -1 - id, "", []]);
    assert.deepEqual([status, body.code, body.execution], [2, "bad_message", "none"]);
    const home = await attack.ask(callBytes([id], 0, "run", refs(0)));
    assert.equal(home.body.code, "bad_message");
    assert.deepEqual(attack.vault.reached, []);
    await attack.stillGood();
    await attack.close();
  });
});

describe("a stream of the plugin's", () => {
  for (const method of ["bytes", "items"]) {
    it(`(${method}) can be opened once`, async () => {
      const attack = new Attack();
      const id = await attack.reference(method);
      const [first, second] = [attack.send([null, -1 - id, "", []]), attack.send([null, -1 - id, "", []])];
      const { payload } = await attack.frameOn(FrameType.reset, second);
      assert.equal(payload[1], 2);
      const type = method === "bytes" ? FrameType.bytes : FrameType.data;
      for (let after = 0; ((await attack.frameOn(type, first, after)).flags & end) === 0; ) after++;
      attack.control([2, id, 1]);
      await attack.stillGood();
      await attack.close();
    });
  }

  it("that is opened with references gives them back", async () => {
    const attack = new Attack();
    const id = await attack.reference("items");
    const stream = attack.send(
      callBytes(
        [
          [0, 9],
          [2, 8],
        ],
        -1 - id,
        "",
        refs(0, 1),
      ),
    );
    await attack.frameOn(FrameType.data, stream, 1);
    attack.control([2, id, 1]);
    await attack.stillGood();
    await attack.close();
  });

  it("to write to takes nothing but a stream, once", async () => {
    const attack = new Attack();
    const id = await attack.reference("sink");
    for (const args of [[], [1], ["x"], [{}], [null], [[1, 2]]]) {
      const { status } = await attack.ask([null, -1 - id, "", args]);
      assert.notEqual(status, 0, JSON.stringify(args));
    }
    assert.equal((await attack.ask(callBytes([[0, 5]], -1 - id, "", refs(0)))).status === 0, false);
    assert.deepEqual(attack.vault.reached, []);
    attack.control([2, id, 1]);
    await attack.stillGood();
    await attack.close();
  });
});

describe("a CONTROL frame about references ends the session when it cannot be right:", () => {
  const controls: readonly (readonly [says: string, control: (id: number) => unknown])[] = [
    ["a release of what it does not hold", () => [2, 99, 1]],
    ["a release of more than was given", (id) => [2, id, 2]],
    ["a second release", (id) => [2, id, 1, id, 1]],
    ["a release of none", (id) => [2, id, 0]],
    ["a release of less than none", (id) => [2, id, -1]],
    ["a release of a half", (id) => [2, id, 0.5]],
    ["a release of 2^53", (id) => [2, id, 2 ** 53]],
    ["a release of a bigint", (id) => [2, id, 1n]],
    ["a release without a count", (id) => [2, id]],
    ["a release of a text", () => [2, "0", 1]],
    ["a release of -1", () => [2, -1, 1]],
    ["a release of -0.5", () => [2, -0.5, 1]],
    ["a release of a key of objects", () => [2, "__proto__", 1]],
    ["an abort without a number", () => [3]],
    ["an abort of -1", () => [3, -1, null]],
    ["an abort of a text", () => [3, "0", null]],
  ];
  for (const [says, control] of controls) {
    it(says, async () => {
      const attack = new Attack();
      attack.control(control(await attack.reference("fn")));
      assert.deepEqual(await attack.ended(), { goAway: 1, code: "protocol" });
      assert.deepEqual(attack.vault.reached, []);
    });
  }

  it("one nested 50,000 deep, and one that names a reference", async () => {
    for (const payload of [nested(50_000).bytes, new Raw([0x82, 0x02, 0xd9, 0x50, 0x57, 0x00]).bytes]) {
      const attack = new Attack();
      attack.peer.send(FrameType.control, payload);
      assert.equal((await attack.ended()).code, "bad_message");
    }
  });

  it("but an abort of what is no signal is nobody's matter, and an empty release neither", async () => {
    const attack = new Attack();
    const id = await attack.reference("fn");
    for (const control of [[3, id, null], [3, 77, { value: 1 }], [3, 5], [2]]) attack.control(control);
    await attack.stillGood({ exports: 1 });
    await attack.close();
  });

  for (const thrown of [
    undefined,
    null,
    5,
    [],
    { value: Symbol.iterator.toString() },
    { id: -1, home: "x" },
    { home: 5 },
  ]) {
    it(`but an abort with ${JSON.stringify(thrown) ?? "nothing"} for a reason aborts all the same, once`, async () => {
      const attack = new Attack();
      const call = attack.send(callBytes([[5, 3]], 0, "untilAborted", refs(0)));
      const control = thrown === undefined ? [3, 3] : [3, 3, thrown];
      attack.control(control);
      attack.control(control);
      assert.equal((await attack.answer(call)).status, 0);
      assert.equal(attack.vault.met.length, 1);
      await attack.stillGood();
      await attack.close();
    });
  }
});

describe("a number for an answer", () => {
  for (const [says, options, code] of [
    ["that is in use", { answer: 0 }, "protocol"],
    ["below 0", { answer: -1 }, "bad_message"],
    ["that is no number", { answer: "2" }, "bad_message"],
    ["that is not whole", { answer: 2.5 }, "bad_message"],
    ["past 2^53", { answer: 2 ** 53 }, "bad_message"],
  ] as const) {
    it(`${says} is met as the protocol says`, async () => {
      const attack = new Attack();
      const stream = attack.send([null, 1, "narrow", [], options]);
      if (code === "protocol") assert.deepEqual(await attack.ended(), { goAway: 1, code });
      else {
        assert.equal((await attack.answer(stream)).body.code, code);
        await attack.stillGood();
        await attack.close();
      }
      assert.deepEqual(attack.vault.reached, []);
    });
  }

  it("is one of the targets that the peer may hold", async () => {
    const attack = new Attack({ maxDispensed: 4 });
    for (let n = 2; n < 20; n++) attack.send([null, 1, "narrow", [], { answer: n }]);
    assert.deepEqual(await attack.ended(), { goAway: 3, code: "limit" });
  });

  it("names what the contract of the answer names, and nothing else", async () => {
    const attack = new Attack();
    const first = attack.send([null, 1, "narrow", [], { answer: 2 }]);
    for (const name of ["reset", "", "constructor", "__proto__", "then", "toString"]) {
      assert.equal((await attack.ask([null, 2, name, []])).body.code, "no_such_method", name);
    }
    const { references } = await attack.answer(first);
    attack.control([1, 2]);
    attack.control([2, (references as number[][])[0]![1], 1]);
    await attack.stillGood();
    assert.deepEqual(attack.vault.reached, []);
    await attack.close();
  });

  it("of what is opened as a stream is not waited for without end", async () => {
    const attack = new Attack();
    const id = await attack.reference("items");
    attack.send([null, -1 - id, "", [], { answer: 2 }]);
    const { status, body } = await attack.ask([null, 2, "next", []]);
    assert.deepEqual([status, body.execution], [2, "none"]);
    attack.control([1, 2]);
    attack.control([2, id, 1]);
    await attack.stillGood();
    await attack.close();
  });
});

describe("a stream of the peer's that the plugin reads", () => {
  const windowed = 65_536;
  /** Calls a method that reads stream 3 of the host; gives the streams of the call and of the reading. */
  async function beginReading(attack: Attack, method: string, kind: number): Promise<{ call: number; stream: number }> {
    const call = attack.send(callBytes([[kind, 3]], 1, method, refs(0)));
    const { streamId, message } = await attack.asked();
    assert.deepEqual(message, [null, -4, "", []]);
    return { call, stream: streamId };
  }

  const items: readonly (readonly [says: string, item: Uint8Array, code: string])[] = [
    ["that is no array", codec.encode(5), "bad_message"],
    ["of one part", codec.encode([null]), "bad_message"],
    ["of three parts", codec.encode([null, 1, 2]), "bad_message"],
    ["with references that are none", codec.encode([[[0, -1]], 1]), "bad_message"],
    ["nested 50,000 deep", new Raw([0x82, 0xf6], nested(50_000).bytes).bytes, "bad_message"],
    ["that is no CBOR", Uint8Array.of(0xff), "bad_message"],
    ["against its schema", codec.encode([null, "text"]), "invalid_argument"],
  ];
  for (const [says, item, code] of items) {
    it(`fails at an item ${says}, and is stopped`, async () => {
      const attack = new Attack();
      const { call, stream } = await beginReading(attack, "reads", 3);
      attack.peer.send(FrameType.data, item, stream);
      await attack.frameOn(FrameType.reset, stream);
      assert.equal((await attack.answer(call)).status, 1);
      assert.equal((attack.vault.met[0] as { code: string }).code, code);
      attack.peer.send(FrameType.reset, Uint8Array.of(0, 0), stream, 1);
      await attack.stillGood();
      await attack.close();
    });
  }

  it("fails at bytes where its contract says values, and at values where it says bytes", async () => {
    for (const [method, kind, type] of [
      ["reads", 3, FrameType.bytes],
      ["readsBytes", 2, FrameType.data],
    ] as const) {
      const attack = new Attack();
      const { call, stream } = await beginReading(attack, method, kind);
      attack.peer.send(type, codec.encode([null, 1]), stream);
      await attack.frameOn(FrameType.reset, stream);
      assert.equal((await attack.answer(call)).status, 1);
      assert.equal((attack.vault.met[0] as { code: string }).code, "bad_message");
      attack.peer.send(FrameType.reset, Uint8Array.of(0, 0), stream, 1);
      await attack.stillGood();
      await attack.close();
    }
  });

  const breaches: readonly (readonly [
    says: string,
    goAway: number,
    code: string,
    send: (attack: Attack, stream: number) => void,
  ])[] = [
    [
      "an item on a half of bytes",
      1,
      "protocol",
      ({ peer }, stream) => {
        peer.send(FrameType.bytes, new Uint8Array(3), stream);
        peer.say(FrameType.data, [null, 1], stream);
      },
    ],
    [
      "an item after the end",
      1,
      "protocol",
      ({ peer }, stream) => {
        peer.send(FrameType.data, new Uint8Array(0), stream, end);
        peer.say(FrameType.data, [null, 1], stream);
      },
    ],
    [
      "more than its credit",
      2,
      "protocol",
      ({ peer }, stream) => {
        for (let sent = 0; sent <= 2_000_000; sent += windowed)
          peer.send(FrameType.bytes, new Uint8Array(windowed), stream);
      },
    ],
    [
      "credit beyond 2^31 - 1",
      2,
      "protocol",
      ({ peer }, stream) => peer.send(FrameType.credit, Uint8Array.of(0x7f, 0xff, 0xff, 0xff), stream),
    ],
    ["credit of 0", 1, "protocol", ({ peer }, stream) => peer.send(FrameType.credit, new Uint8Array(4), stream)],
    ["OPEN on it", 1, "protocol", ({ peer }, stream) => peer.say(FrameType.data, [null, 1], stream, open)],
  ];
  for (const [says, goAway, code, send] of breaches) {
    it(`ends the session at ${says}`, async () => {
      const attack = new Attack();
      const { stream } = await beginReading(attack, "readsBytes", 2);
      send(attack, stream);
      assert.deepEqual(await attack.ended(), { goAway, code });
    });
  }

  it("that is refused, ends without a word or is forgotten half way fails its reader alone", async () => {
    const attack = new Attack();
    for (const [index, reset] of [
      Uint8Array.of(0, 2),
      Uint8Array.of(0, 0),
      Uint8Array.of(0, 99),
      Uint8Array.of(0, 5, 0xff),
    ].entries()) {
      const call = attack.send(callBytes([[3, 30 + index]], 1, "reads", refs(0)));
      const { streamId } = await attack.asked(index);
      attack.peer.send(FrameType.reset, reset, streamId, 1);
      assert.equal((await attack.answer(call)).status, 1);
    }
    assert.equal(attack.vault.met.length, 4);
    await attack.stillGood();
    await attack.close();
  });
});
