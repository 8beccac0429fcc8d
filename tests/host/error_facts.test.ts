import assert from "node:assert/strict";
import { it } from "node:test";
import { contract, inProcess, method, PluginError } from "../../mod.ts";

const greeter = contract("greeter", { greet: method() });

it("an error names its plugin as the host does, and not as part of a sentence", async () => {
  const served = greeter.implement({ greet: () => {} });
  await using plugin = await inProcess([served], { name: "polite" });
  const wrong = contract("greeter", { greed: method() });
  assert.throws(
    () => plugin.dispense(wrong),
    (error) => error instanceof PluginError && error.plugin === "polite" && error.message.includes("plugin polite"),
  );
  const proxy = plugin.dispense(greeter);
  await plugin.stop();
  await assert.rejects(proxy.greet(), (error) => error instanceof PluginError && error.plugin === "polite");
});
