import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcess, PluginError } from "@plugwire/plugwire";
import { basket, prices } from "./basket.ts";
import { basketPlugin } from "./basket_plugin.ts";

const provide = [prices.implement({ of: (name) => (name === "tea" ? 3 : 2) })];

test("adds up what the host says things cost", async () => {
  await using plugin = await inProcess([basketPlugin], { provide });
  const shopping = plugin.dispense(basket);
  await shopping.add("tea", 2);
  await shopping.add("milk");
  assert.equal(await shopping.total(), 8);
});

test("refuses half an item", async () => {
  await using plugin = await inProcess([basketPlugin], { provide });
  const halved = plugin.dispense(basket).add("tea", 0.5);
  await assert.rejects(halved, (error) => error instanceof PluginError && error.path === "args[1]");
});

test("each dispense has a basket of its own", async () => {
  await using plugin = await inProcess([basketPlugin], { provide });
  await plugin.dispense(basket).add("tea");
  assert.equal(await plugin.dispense(basket).total(), 0);
});
