import { launch, workerRunner } from "@plugwire/plugwire";
import { primes } from "./primes.ts";

await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { runner: workerRunner() });
let turns = 0;
const timer = setInterval(() => turns++, 1);
const count = await plugin.dispense(primes).below(1_000_000);
clearInterval(timer);
console.log(`${count} primes; pid ${plugin.pid}; the host ${turns > 0 ? "went on meanwhile" : "was blocked"}`);
