// node tests/protocol/record_messages.ts: makes hellos.json, auth.json and calls.json of tests/vectors/ anew from this
// implementation. Run it by hand after a change of the wire, read the difference, and change docs/PROTOCOL.md in the same
// commit.
import { writeFileSync } from "node:fs";
import { SessionProof } from "../../src/hello/auth.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits, preface } from "../../src/wire/mod.ts";
import { recordedHello } from "./_programs.ts";
import { bytesOf, evaluate, hexOf } from "./_vectors.ts";

const codec = new ValueCodec(defaultLimits);
const secret = bytesOf("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
/** What every hello must say. */
const least = { wire: "[1]", role: '"host"', nonce: "new Uint8Array(16)" };

/** A hello as a JavaScript expression: the least, with these keys laid over it. */
function hello(keys: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...least, ...keys }).map(([key, value]) => `${key}: ${value}`);
  return `({ ${all.join(", ")} })`;
}

/** A vector whose value is written as a JavaScript expression. */
function of<T extends object>(name: string, value: string, more?: T) {
  return { name, value, hex: hexOf(codec.encode(evaluate(value))), ...more };
}

function write(file: string, about: string, parts: Readonly<Record<string, unknown>>): void {
  const lines = Object.entries(parts).map(([key, part]) => {
    if (!Array.isArray(part)) return `  ${JSON.stringify(key)}: ${JSON.stringify(part)}`;
    return `  ${JSON.stringify(key)}: [\n${part.map((one) => `    ${JSON.stringify(one)}`).join(",\n")}\n  ]`;
  });
  const head = `  "about": ${JSON.stringify(about)}`;
  writeFileSync(new URL(`../vectors/${file}`, import.meta.url), `{\n${[head, ...lines].join(",\n")}\n}\n`);
}

const hellos = { host: recordedHello("host", true), plugin: recordedHello("plugin", true) };
const payloads = { host: codec.encode(hellos.host), plugin: codec.encode(hellos.plugin) };

write("hellos.json", "Payloads of HELLO. PROTOCOL.md §7.1. `reads` has the nonce in hex.", {
  hellos: (["host", "plugin"] as const).map((role) => ({
    name: `a ${role}'s, whole`,
    role,
    hex: hexOf(payloads[role]),
    reads: { ...hellos[role], nonce: hexOf(hellos[role].nonce) },
  })),
  accepted: [
    of("nothing but what must be there", hello(), { role: "host", reads: {} }),
    of("unknown keys, also within", hello({ colour: '"red"', limits: "{ speed: 1 }" }), { role: "host", reads: {} }),
    of("a later version of the wire beside this one", hello({ wire: "[2, 1]" }), {
      role: "host",
      reads: { wire: [2, 1] },
    }),
    of("a plugin without a common protocol version", hello({ role: '"plugin"', versions: "[3]", version: "null" }), {
      role: "plugin",
      reads: { role: "plugin", versions: [3], version: null },
    }),
    of(
      "a host that provides by protocol version",
      hello({
        versions: "[1, 2]",
        contracts: '[{ name: "g", methods: [], versions: [1] }, { name: "g", methods: ["a"], versions: [2] }]',
      }),
      {
        role: "host",
        reads: {
          versions: [1, 2],
          contracts: [
            { name: "g", methods: [], versions: [1] },
            { name: "g", methods: ["a"], versions: [2] },
          ],
        },
      },
    ),
    of("a contract whose methods are not known", hello({ contracts: '[{ name: "g", methods: null }]' }), {
      role: "host",
      reads: { contracts: [{ name: "g", methods: null }] },
    }),
    of(
      "signatures, also of a method that is not listed",
      hello({ contracts: `[{ name: "g", methods: ["a"], signatures: { a: "(string) => string", b: "" } }]` }),
      {
        role: "host",
        reads: { contracts: [{ name: "g", methods: ["a"], signatures: { a: "(string) => string", b: "" } }] },
      },
    ),
    of("a feature that is not known", hello({ features: '["teleport"]' }), {
      role: "host",
      reads: { features: ["teleport"] },
    }),
  ],
  refused: [
    of("no map", "[1]", { role: "host" }),
    of("no nonce", `({ wire: [1], role: "host" })`, { role: "host" }),
    of("a nonce of 15 bytes", hello({ nonce: "new Uint8Array(15)" }), { role: "host" }),
    of("the other role", hello(), { role: "plugin" }),
    of("no common version of the wire", hello({ wire: "[2]" }), { role: "host" }),
    of("no version of the wire", hello({ wire: "[]" }), { role: "host" }),
    of("frames smaller than every side takes", hello({ limits: "{ frame: 65535 }" }), { role: "host" }),
    of("a protocol version of 0", hello({ versions: "[0]" }), { role: "host" }),
    of("an empty list of versions", hello({ versions: "[]" }), { role: "host" }),
    of("a contract in version 0", hello({ contracts: '[{ name: "g", methods: [], versions: [0] }]' }), {
      role: "host",
    }),
    of("a fraction for a version", hello({ versions: "[1.5]" }), { role: "host" }),
    of("a contract without a name", hello({ contracts: '[{ name: "", methods: [] }]' }), { role: "host" }),
    of(
      "a signature that is no text",
      hello({ contracts: `[{ name: "g", methods: ["a"], signatures: { a: null } }]` }),
      { role: "host" },
    ),
    of(
      "a signature of 501 UTF-16 units",
      hello({ contracts: `[{ name: "g", methods: ["a"], signatures: { a: "x".repeat(501) } }]` }),
      { role: "host" },
    ),
    of("a contract without methods", hello({ contracts: '[{ name: "g" }]' }), { role: "host" }),
  ],
});

/** What both sides prove, with the hashes of certificates that the session is bound to. */
async function proofsOf(binding: Uint8Array): Promise<Record<"th" | "host_proof" | "plugin_proof", string>> {
  const proof = await SessionProof.create(secret, payloads.host, payloads.plugin, binding);
  const said = [preface, preface, payloads.host, payloads.plugin, binding].map(hexOf).join("");
  return {
    th: hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytesOf(said))))),
    host_proof: hexOf(await proof.of("host")),
    plugin_proof: hexOf(await proof.of("plugin")),
  };
}

const hash = (first: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => first + at);
const underTls = async (server: Uint8Array, client: Uint8Array): Promise<object> => ({
  server_certificate: hexOf(server),
  client_certificate: hexOf(client),
  ...(await proofsOf(Uint8Array.of(...server, ...client))),
});
write("auth.json", "Proofs of the session whose hellos are the whole ones of hellos.json. PROTOCOL.md §7.2.", {
  secret: hexOf(secret),
  preface: hexOf(preface),
  host_hello: hexOf(payloads.host),
  plugin_hello: hexOf(payloads.plugin),
  ...(await proofsOf(new Uint8Array())),
  tls: [await underTls(hash(0x40), hash(0x60)), await underTls(hash(0x40), new Uint8Array(32))],
});

const error = `({ value: Object.assign(new RangeError("no such name", { cause: new Error("the list is empty") }), { code: "E_NAME" }) })`;
const ownError = `({ value: Object.assign(new Error("u-7"), { name: "NoSuchUser", code: 404 }) })`;
const declared = `({ value: Object.defineProperty(Object.assign(new Error("no user 7"), { code: "notFound", data: { id: 7 } }), "name", { value: "DeclaredError" }) })`;
write(
  "calls.json",
  "Messages of calls, replies, CONTROL and the reasons of RESET, whole and without their frames. PROTOCOL.md §8, §5.4. README.md here says what each list is.",
  {
    calls: [
      of("a call", `[null, 0, "greet", ["World"]]`, { reply: hexOf(codec.encode([null, 0, "Hello, World!"])) }),
      of("without arguments", `[null, 0, "welcome", []]`),
      of("options undefined", `[null, 0, "greet", ["World"], undefined]`, {
        reply: hexOf(codec.encode([null, 0, "Hello, World!"])),
      }),
      of(
        "a deadline, metadata, and an option that is not known",
        `[null, 0, "greet", ["World"], { timeout: 1000.5, metadata: { trace: "7" }, colour: "red" }]`,
        {
          reply: hexOf(codec.encode([null, 0, "Hello, World!"])),
        },
      ),
      of("a number for what it gives", `[null, 0, "greet", ["World"], { answer: 1 }]`, {
        reply: hexOf(codec.encode([null, 0, "Hello, World!"])),
      }),
      of("one that throws", `[null, 0, "find", ["nobody"]]`, {
        reply: hexOf(codec.encode([null, 1, evaluate(error)])),
      }),
    ],
    refused_calls: [
      of("no array", `({ target: 0 })`, { code: "bad_message" }),
      of("too few items", `[null, 0, "greet"]`, { code: "bad_message" }),
      of("too many items", `[null, 0, "greet", [], {}, 1]`, { code: "bad_message" }),
      of("references that are no list", `[7, 0, "greet", ["World"]]`, { code: "bad_message" }),
      of("a reference that does not come home", `[[5], 0, "greet", ["World"]]`, { code: "bad_message" }),
      of("a reference of an unknown kind", `[[[99, 0]], 0, "greet", ["World"]]`, { code: "bad_message" }),
      of("a reference without a number", `[[[0, -1]], 0, "greet", ["World"]]`, { code: "bad_message" }),
      of("an object without names", `[[[1, 0]], 0, "greet", ["World"]]`, { code: "bad_message" }),
      of("a call of a reference that is not held", `[null, -6, "", []]`, { code: "bad_message" }),
      of("a target that is no number", `[null, "0", "greet", ["World"]]`, { code: "bad_message" }),
      of("a target that was not dispensed", `[null, 9, "greet", ["World"]]`, { code: "bad_message" }),
      of("a method that is no text", `[null, 0, 1, ["World"]]`, { code: "bad_message" }),
      of("arguments that are no array", `[null, 0, "greet", "World"]`, { code: "bad_message" }),
      of("a deadline below 0", `[null, 0, "greet", ["World"], { timeout: -1 }]`, { code: "bad_message" }),
      of("an answer that is no number", `[null, 0, "greet", ["World"], { answer: "1" }]`, { code: "bad_message" }),
      of("metadata that is no map", `[null, 0, "greet", ["World"], { metadata: [] }]`, { code: "bad_message" }),
      { name: "no CBOR", hex: "ff", code: "bad_message" },
      of("a method that does not exist", `[null, 0, "great", ["World"]]`, { code: "no_such_method" }),
      of("a method of every object", `[null, 0, "toString", []]`, { code: "no_such_method" }),
      of("an argument that does not fit", `[null, 0, "greet", [5]]`, { code: "invalid_argument" }),
      of("an argument too many", `[null, 0, "greet", ["a", "b"]]`, { code: "invalid_argument" }),
    ],
    replies: [
      of("a result", `[null, 0, "Hello, World!"]`, { value_of_call: `"Hello, World!"` }),
      of("an error, with a code and a cause", `[null, 1, ${error}]`, {
        error: { name: "RangeError", message: "no such name", code: "E_NAME", cause: "the list is empty" },
      }),
      of("an error of a class that is not known", `[null, 1, ${ownError}]`, {
        error: { name: "NoSuchUser", message: "u-7", code: 404 },
      }),
      of("a declared error", `[null, 1, ${declared}]`, {
        error: { name: "DeclaredError", message: "no user 7", code: "notFound" },
      }),
      of(
        "an error that was thrown elsewhere, and without all of it",
        `[null, 1, { ...${error}, id: 3, omitted: ["request: a function"] }]`,
        {
          error: { name: "RangeError", message: "no such name", code: "E_NAME", cause: "the list is empty" },
        },
      ),
      of("an error that comes home and is not known there", `[null, 1, { ...${error}, home: 3 }]`, {
        error: { name: "RangeError", message: "no such name", code: "E_NAME", cause: "the list is empty" },
      }),
      of("something without a value", `[null, 1, { name: "Error", message: "m" }]`, { error: { name: "Error" } }),
      of("a failure that is not for a peer to tell", `[null, 2, { code: "exited", message: "gone" }]`, {
        error: { name: "PluginError", message: "gone", code: "unknown", rawCode: "exited", execution: "unknown" },
      }),
      of("a thrown text", `[null, 1, { value: "stop" }]`, { thrown: `"stop"` }),
      of("something thrown that could not be described", `[null, 1, null]`, { error: { name: "Error" } }),
      of(
        "a failure",
        `[null, 2, { code: "invalid_argument", message: "greeter.greet was called wrongly", execution: "none", contract: "greeter", method: "greet", path: "args[0]", issues: [{ message: "not a text", path: "args[0]" }] }]`,
        {
          error: {
            name: "PluginError",
            message: "greeter.greet was called wrongly",
            code: "invalid_argument",
            execution: "none",
            path: "args[0]",
          },
        },
      ),
      of("a failure with a code that is not known", `[null, 2, { code: "too_hot", message: "87 degrees" }]`, {
        error: {
          name: "PluginError",
          message: "87 degrees",
          code: "unknown",
          rawCode: "too_hot",
          execution: "unknown",
        },
      }),
      of("an unknown status", `[null, 3, 0]`, { error: { name: "PluginError", code: "bad_message" } }),
      of("too few items", `[null, 0]`, { error: { name: "PluginError", code: "bad_message" } }),
      of("an empty list of references", `[[], 0, "Hello, World!"]`, { value_of_call: `"Hello, World!"` }),
      of("references that are no list", `["", 0, "Hello"]`, { error: { name: "PluginError", code: "bad_message" } }),
    ],
    control: [
      of("dispense", `[0, 1, "greeter"]`),
      of("drop", `[1, 1]`),
      of("drop of what is not held", `[1, 7]`),
      of("an abort of what is not held", `[3, 7, { value: new DOMException("", "AbortError") }]`),
      of("a release of nothing", `[2]`),
      of("something not known", `[99, { any: "thing" }]`),
    ],
    refused_control: [
      of("no array", `({})`, { close: 1 }),
      of("a contract that is not served", `[0, 1, "other"]`, { close: 1 }),
      of("a target in use", `[0, 0, "greeter"]`, { close: 1 }),
      of("a target below 0", `[0, -1, "greeter"]`, { close: 1 }),
      of("a name that is no text", `[0, 1, 5]`, { close: 1 }),
      of("a release of what is not held", `[2, 0, 1]`, { close: 1 }),
      of("a release without a count", `[2, 0]`, { close: 1 }),
    ],
    reasons: [
      of("an error", `({ value: new Error("enough") })`),
      of("a thrown text", `({ value: "enough" })`),
      { name: "none", hex: "" },
      { name: "one that cannot be read", hex: "ff" },
    ],
  },
);
