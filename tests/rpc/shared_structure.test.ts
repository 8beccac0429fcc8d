import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { contract, inProcess, method, PluginError } from "../../mod.ts";

interface Node {
  readonly name: string;
  self?: Node;
}

const echo = contract("echo", { back: method([v.any()], v.any()) });
const served = echo.implement({ back: (value) => value });

test("with sharedStructure a cycle arrives as a cycle, and what is the same object arrives as one", async () => {
  await using plugin = await inProcess([served], { sharedStructure: true });
  const node: Node = { name: "root" };
  node.self = node;
  const [first, second] = (await plugin.dispense(echo).back([node, node])) as [Node, Node];
  assert.equal(first.self, first);
  assert.equal(second, first);
  assert.equal(first.name, "root");
});

test("without it a cycle is refused with both places and the option that sends it", async () => {
  await using plugin = await inProcess(served);
  const node: Node = { name: "root" };
  node.self = node;
  await assert.rejects(plugin.dispense(echo).back({ node }), (error: unknown) => {
    assert.ok(error instanceof PluginError);
    assert.equal(error.code, "unsupported_value");
    assert.match(error.message, /args\[0\]\.node\.self/);
    assert.match(error.message, /sharedStructure/);
    return true;
  });
});

test("sharedStructure is a boolean", async () => {
  await assert.rejects(
    inProcess([served], { sharedStructure: "yes" as never }),
    /sharedStructure of inProcess must be true or false/,
  );
});
