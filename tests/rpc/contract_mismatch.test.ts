/** What comes of a contract that host and plugin know differently. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { type ContractMismatch, contract, inProcess, method, PluginError } from "../../mod.ts";
import { ContractComparison } from "../../src/rpc/contract_comparison.ts";

const known = contract("greeter", { greet: method([v.string()], v.string()) });
const changed = contract("greeter", { greet: method([v.string(), v.number()], v.string()), wave: method() });
const served = changed.implement({ greet: (name, times) => name.repeat(times), wave() {} });
const difference = [
  "contract greeter differs:",
  "  greet",
  "    host:   (string) => string",
  "    plugin: (string, number) => string",
  "  + wave   (only the plugin has it)",
].join("\n");
const offered = { name: "greeter", methods: ["greet"], signatures: { greet: "(string, number) => string" } };

function comparison(mismatch?: ContractMismatch): { comparison: ContractComparison; warnings: string[] } {
  const warnings: string[] = [];
  const write = (message: string): void => {
    warnings.push(message);
  };
  const log = { trace: write, debug: write, info: write, warn: write, error: write };
  const session = { environment: { log }, peerHello: { role: "plugin" }, plugin: "p" } as const;
  return { comparison: new ContractComparison(session, mismatch), warnings };
}

describe("a contract that the two sides know differently", () => {
  it("is logged, once for each contract", () => {
    const { comparison: made, warnings } = comparison();
    for (let i = 0; i < 3; i++) made.check(known, offered);
    assert.deepEqual(warnings, [difference.split("\n").slice(0, 4).join("\n")]);
    made.check(contract("greeter", { greet: method() }), offered);
    assert.equal(warnings.length, 2);
  });

  it("says nothing when that is wanted, nor when nothing differs", () => {
    const { comparison: ignoring, warnings } = comparison("ignore");
    ignoring.check(known, offered);
    const { comparison: warning, warnings: others } = comparison("warn");
    warning.check(known, { name: "greeter", methods: ["greet"], signatures: { greet: "(string) => string" } });
    assert.deepEqual([warnings, others], [[], []]);
  });

  it("throws the same text, each time, when that is wanted", async () => {
    await using plugin = await inProcess([served], { contractMismatch: "throw" });
    for (let i = 0; i < 2; i++) {
      assert.throws(
        () => plugin.dispense(known),
        (error) => {
          assert.ok(error instanceof PluginError);
          const { code, message, execution, contract: name } = error;
          const expected = { code: "contract_mismatch", message: difference, execution: "none", name: "greeter" };
          assert.deepEqual({ code, message, execution, name }, expected);
          return true;
        },
      );
    }
    assert.equal(await plugin.dispense(changed).greet("a", 2), "aa");
  });

  it("fails a start that asks for it among its contracts", async () => {
    await assert.rejects(inProcess([served], { contractMismatch: "throw", contracts: [known] }), {
      code: "contract_mismatch",
    });
  });

  it("is told by the call whose arguments it makes invalid, and by no other", async () => {
    const strict = contract("greeter", { greet: method([v.pipe(v.string(), v.minLength(2))], v.string()) });
    const wide = contract("greeter", { greet: method([v.union([v.string(), v.number()])], v.string()) });
    await using plugin = await inProcess([strict.implement({ greet: (name) => name })], { contractMismatch: "ignore" });
    const failed = async (proxy: { greet(name: string): Promise<string> }, name: unknown): Promise<PluginError> => {
      const error = await proxy.greet(name as string).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof PluginError);
      assert.equal(error.code, "invalid_argument");
      assert.equal(error.path, "args[0]");
      assert.equal(error.issues?.length, 1);
      return error;
    };
    const { message, stack } = await failed(plugin.dispense(wide), 1);
    const end =
      "; the two sides know greeter.greet differently: this host as (number | string) => string, the plugin as (string) => string";
    assert.ok(message.endsWith(end), message);
    assert.ok(stack?.includes(end), stack);
    assert.doesNotMatch((await failed(plugin.dispense(strict), "a")).message, /differently/);
  });

  it("is told by a missing method first", async () => {
    const more = contract("greeter", { greet: method([v.string()], v.string()), shout: method() });
    await using plugin = await inProcess([served], { contractMismatch: "throw" });
    assert.throws(() => plugin.dispense(more), { code: "no_such_method" });
  });

  it("is an option of three values", async () => {
    await assert.rejects(
      inProcess([served], { contractMismatch: "strict" as never }),
      /must be "warn", "throw" or "ignore"/,
    );
  });
});
