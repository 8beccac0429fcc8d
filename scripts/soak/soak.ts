// node --expose-gc scripts/soak/soak.ts [--seed N] [--moves N] [--seconds S] [--plugin node|deno|bun] [--only MOVE]
// Plays calls of every kind at random against a plugin in a process of its own, then counts what is left on either side.
// Prints a report as one line of JSON; exits with 1 when something is left, or went wrong. Runs on Node, Deno
// (`deno run -A --v8-flags=--expose-gc`) and Bun.
import { parseArgs } from "node:util";
import { checkNothingLeft, playSoak } from "../../tests/soak/_soak.ts";
import { currentRuntime, runtimeNames } from "../../tests/support/runtimes.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    moves: { type: "string", default: "100000" },
    seconds: { type: "string", default: "3600" },
    plugin: { type: "string", default: currentRuntime },
    only: { type: "string" },
  },
});
const plugin = runtimeNames.find((name) => name === values.plugin);
if (plugin === undefined) throw new Error(`--plugin ${values.plugin}: one of ${runtimeNames.join(", ")}`);
const report = await playSoak({
  seed: Number(values.seed),
  moves: Number(values.moves),
  seconds: Number(values.seconds),
  plugin,
  only: values.only,
});
console.log(JSON.stringify({ host: currentRuntime, plugin, ...report }));
checkNothingLeft(report);
