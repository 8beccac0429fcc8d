/** Texts about methods, and what two sides make of a difference. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import {
  bytes,
  callback,
  compareContracts,
  contract,
  factsOf,
  type Method,
  maxSignature,
  method,
  optional,
  referenceTo,
  type StandardSchema,
  signatureOf,
  signaturesOf,
  stream,
} from "../../src/contract/mod.ts";

interface Node {
  kids: Node[];
}
const node: v.GenericSchema<Node> = v.object({ kids: v.array(v.lazy(() => node)) });
const zodNode: z.ZodType = z.object({
  get kids() {
    return z.array(zodNode);
  },
});
const table = contract("table", { count: method([], v.number()) });
const foreign: StandardSchema = {
  "~standard": { version: 1, vendor: "mine", validate: (value) => ({ value }) },
};
const failing = { "~standard": { ...foreign["~standard"], jsonSchema: { input: () => assert.fail() } } };
const errors = { notFound: v.object({ id: v.number() }), busy: v.undefined() };

const signatures: readonly [text: string, of: Method][] = [
  ["() => void", method()],
  ["(string, number?) => string", method([v.string(), v.optional(v.number(), 1)], v.string())],
  ["(string, number?) => string", method([z.string(), z.number().default(1)], z.string())],
  ["(string, number[]) => string", method([type("string"), type("number[]")], type("string"))],
  // What is sent, not what the receiver makes of it.
  [
    "(string) => string",
    method(
      [
        v.pipe(
          v.string(),
          v.transform((text) => text.length),
        ),
      ],
      z.string().transform(Number),
    ),
  ],
  // Rules are left out, and the order of fields and members does not matter.
  ["(string) => number", method([v.pipe(v.string(), v.maxLength(5))], z.int().min(1))],
  [
    `({ "x y": ("c" | 5)[], a: null | string, b?: number }) => void`,
    method([v.object({ b: v.optional(v.number()), "x y": v.array(v.picklist([5, "c"])), a: v.nullable(v.string()) })]),
  ],
  [
    `({ "x y": ("c" | 5)[], a: null | string, b?: number }) => void`,
    method([
      z.object({
        "x y": z.array(z.union([z.literal(5), z.literal("c")])),
        a: z.string().nullable(),
        b: z.number().optional(),
      }),
    ]),
  ],
  [
    `({ a: null | string, b?: number }) => "x" | "y"`,
    method([type({ "b?": "number", a: "string | null" })], type("'y' | 'x'")),
  ],
  ["((Date | null)?) => string | undefined", method([v.nullish(v.date())], v.optional(v.string()))],
  ["(Date, bigint?) => undefined", method([z.date(), z.bigint().optional()], z.undefined())],
  [
    "([string, number?], [string, ...number[]]) => void",
    method([v.tuple([v.string(), v.optional(v.number())]), z.tuple([z.string()]).rest(z.number())]),
  ],
  [
    "(Record<string, number>, Map<string, Set<number>>) => URL",
    method([z.record(z.string(), z.int()), v.map(v.string(), v.set(v.number()))], v.instance(URL)),
  ],
  [
    "((string | { b: number }) & { a: string }) => void",
    method([v.intersect([v.object({ a: v.string() }), v.union([v.object({ b: v.number() }), v.string()])])]),
  ],
  [
    "(callback(number) => boolean, (callback(number) => void)?) => bytes",
    method([callback([v.number()], v.boolean()), optional(callback([z.number()]))], bytes()),
  ],
  ["(stream<{ id: number }>) => reference<table>", method([stream(v.object({ id: v.number() }))], referenceTo(table))],
  ["() => (callback() => void) | undefined", method([], optional(callback()))],
  ["(string?) => void", method([optional(v.string())])],
  ["({ kids: …[] }, { kids: …[] }) => void", method([node, zodNode])],
  ["() => void throws busy(undefined), notFound({ id: number })", method([], undefined, { errors })],
  [
    "(unknown, unknown) => unknown",
    method(
      [foreign, failing],
      v.custom(() => true),
    ),
  ],
  [
    `("a | b"[], "\\")" | string[]) => void`,
    method([v.array(v.literal("a | b")), v.union([v.literal('")'), v.array(v.string())])]),
  ],
];

describe("the signature of a method", () => {
  for (const [text, of] of signatures) it(`reads ${text}`, () => assert.equal(signatureOf(of), text));

  it("is cut at 500 characters, and tells texts apart that differ behind them", () => {
    const fields = (last: StandardSchema) => {
      const names = Array.from({ length: 100 }, (_, i) => `field${i}`);
      return v.object(Object.fromEntries(names.map((name, i) => [name, i === 99 ? last : v.string()])) as never);
    };
    const [one, other] = [signatureOf(method([fields(v.string())])), signatureOf(method([fields(v.number())]))];
    for (const text of [one, other]) {
      assert.equal(text.length, maxSignature);
      assert.match(text, /^\(\{ field0: string, .* … #[0-9a-f]{16}$/);
    }
    assert.notEqual(one, other);
    assert.equal(one, signatureOf(method([fields(v.string())])));
  });

  it("stays short work for a schema that doubles with every level", () => {
    let [deep, zodDeep]: [v.GenericSchema, z.ZodType] = [v.string(), z.string()];
    for (let i = 0; i < 40; i++) {
      deep = v.object({ a: deep, b: deep });
      zodDeep = z.object({ a: zodDeep, b: zodDeep });
    }
    assert.equal(signatureOf(method([deep, zodDeep])).length, maxSignature);
  });

  it("is made once for a contract, when it is asked for", () => {
    let asked = 0;
    const counted = {
      "~standard": {
        ...foreign["~standard"],
        jsonSchema: {
          input: () => {
            asked++;
            return { type: "string" };
          },
        },
      },
    };
    const facts = factsOf(contract("c", { m: method([counted]) }));
    assert.equal(asked, 0);
    assert.deepEqual(signaturesOf(facts), { m: "(string?) => void" });
    assert.equal(signaturesOf(facts), signaturesOf(facts));
    assert.equal(asked, 1);
    assert.deepEqual(signaturesOf(factsOf(contract("c"))), {});
  });
});

describe("a contract that the two sides know differently", () => {
  const greeter = factsOf(
    contract("greeter", {
      greet: method([v.string()], v.string()),
      shout: method([v.string()], v.string()),
      wave: method(),
    }),
  );
  const same = { greet: "(string) => string", shout: "(string) => string", wave: "() => void" };

  it("reads as a diff", () => {
    const offered = {
      methods: ["greet", "wave", "whisper"],
      signatures: { ...same, greet: "(string, number) => string" },
    };
    assert.equal(
      compareContracts(greeter, offered, "host"),
      [
        "contract greeter differs:",
        "  greet",
        "    host:   (string) => string",
        "    plugin: (string, number) => string",
        "  - shout   (only the host has it)",
        "  + whisper   (only the plugin has it)",
      ].join("\n"),
    );
    const seenByPlugin = compareContracts(greeter, offered, "plugin");
    assert.match(seenByPlugin ?? "", / {4}host: {3}\(string, number\) => string\n {4}plugin: \(string\) => string\n/);
    assert.match(
      seenByPlugin ?? "",
      /- shout {3}\(only the plugin has it\)\n {2}\+ whisper {3}\(only the host has it\)/,
    );
  });

  const alike: readonly [what: string, offered: Parameters<typeof compareContracts>[1]][] = [
    ["the same", { methods: ["greet", "shout", "wave"], signatures: same }],
    ["one method more", { methods: ["greet", "shout", "wave", "more"], signatures: { ...same, more: "() => void" } }],
    ["no signatures", { methods: ["greet", "shout", "wave"] }],
    ["some of the signatures", { methods: ["greet", "shout", "wave"], signatures: { wave: "() => void" } }],
    ["names that only a factory knows", { methods: null, signatures: same }],
  ];
  for (const [what, offered] of alike) {
    it(`is not one where the other side has ${what}`, () =>
      assert.equal(compareContracts(greeter, offered, "host"), undefined));
  }

  it("is compared as far as it is known here", () => {
    const offered = { methods: ["other"], signatures: { other: "() => void" } };
    assert.equal(compareContracts(factsOf(contract("greeter")), offered, "host"), undefined);
    const partial = factsOf(contract("greeter", { greet: method() }, { partial: true }));
    const text = compareContracts(partial, { methods: ["greet", "x"], signatures: { greet: "() => string" } }, "host");
    assert.equal(text?.split("\n").length, 4);
  });

  it("keeps what the other side says on its line, and its text short", () => {
    const text = compareContracts(greeter, { methods: null, signatures: { greet: "a\n\u001b[31mb" } }, "host");
    assert.match(text ?? "", /plugin: a\ufffd\ufffd\[31mb$/);
    const names = Array.from({ length: 100 }, (_, i) => `m${i}`);
    const many = factsOf(contract("c", Object.fromEntries(names.map((name) => [name, method()]))));
    const lines = compareContracts(many, { methods: [] }, "host")?.split("\n");
    assert.deepEqual([lines?.length, lines?.at(-1)], [22, "  and 80 more"]);
  });
});
