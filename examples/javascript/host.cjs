// @ts-check
const { join } = require("node:path");
const { contract, launch } = require("@plugwire/plugwire");

/** @typedef {{ add(n: number): number }} Counter */

/** @type {import("@plugwire/plugwire", { with: { "resolution-mode": "import" } }).Contract<Counter>} */
const counter = contract("counter");

async function main() {
  const plugin = await launch(join(__dirname, "plugin.js"));
  try {
    console.log("CommonJS:", await plugin.dispense(counter).add(1));
  } finally {
    await plugin.stop();
  }
}

main();
