// @ts-check
import { launch } from "@plugwire/plugwire";
import { clock, counter } from "./counter.js";

await using plugin = await launch(new URL("./plugin.js", import.meta.url));

const numbers = plugin.dispense(counter);
await numbers.add(20);
console.log(await numbers.add(22));
await numbers.countdown(3, (n) => console.log(n));

// @ts-expect-error: it takes a number
await numbers.add("1").catch((/** @type {Error} */ error) => console.log(error.message));

const time = plugin.dispense(clock);
console.log(await time.describe(0), (await time.now()) > 0);
