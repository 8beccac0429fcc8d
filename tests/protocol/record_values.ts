// node tests/protocol/record_values.ts: makes values.json of tests/vectors/ anew from this implementation. Run it by hand
// after a change of the wire, read the difference, and change docs/PROTOCOL.md in the same commit.
import { writeFileSync } from "node:fs";
import { PluginError } from "../../src/errors/mod.ts";
import { ValueCodec } from "../../src/values/mod.ts";
import { defaultLimits } from "../../src/wire/mod.ts";
import { diagnosticOf } from "./_diagnostic.ts";
import { accepted, malformed, sharedValues, values } from "./_value_vectors.ts";
import { bytesOf, evaluate, hexOf } from "./_vectors.ts";

const comment =
  "CBOR profile, PROTOCOL.md §6. value is a JavaScript expression, diagnostic the bytes in the notation of RFC 8949 §8. values: encode to hex and decode from it, with shared as the option of that name. accepted: decode only. malformed: refused with bad_message at this byte.";

const codec = new ValueCodec(defaultLimits);
const sharing = new ValueCodec(defaultLimits, { shared: true });

function encoded(of: ValueCodec, [name, value]: readonly [string, string], more: object = {}): object {
  const bytes = of.encode(evaluate(value));
  return { name, value, ...more, diagnostic: diagnosticOf(bytes), hex: hexOf(bytes) };
}

/** Where the fault is. */
function faultOf(name: string, hex: string): number {
  try {
    codec.decode(bytesOf(hex));
  } catch (error) {
    const at = error instanceof PluginError ? /^malformed message at byte (\d+): /.exec(error.message)?.[1] : undefined;
    if (at === undefined) throw error;
    return Number(at);
  }
  throw new Error(`it is taken: ${name}`);
}

const parts = {
  values: [
    ...values.map((one) => encoded(codec, one)),
    ...sharedValues.map((one) => encoded(sharing, one, { shared: true })),
  ],
  accepted: accepted.map(([name, value, hex]) => ({ name, value, diagnostic: diagnosticOf(bytesOf(hex)), hex })),
  malformed: malformed.map(([name, hex]) => ({
    name,
    diagnostic: diagnosticOf(bytesOf(hex)),
    hex,
    at: faultOf(name, hex),
  })),
};

function listed(items: readonly object[]): string {
  const lines = items.map((one) => {
    const facts = Object.entries(one).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `    { ${facts.join(", ")} }`;
  });
  return `[\n${lines.join(",\n")}\n  ]`;
}

const lists = Object.entries(parts).map(([key, items]) => `  ${JSON.stringify(key)}: ${listed(items)}`);
const json = `{\n  "$comment": ${JSON.stringify(comment)},\n${lists.join(",\n")}\n}\n`;
writeFileSync(new URL("../vectors/values.json", import.meta.url), json);
