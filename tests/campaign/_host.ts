/** A host in a process of its own, to be killed or starved. Arguments: the seed, then the plugin's command. Prints how it went. */
import process from "node:process";
import { Random } from "../support/wire_random.ts";
import { tryPlugin } from "./_trial.ts";

const [, , seed = "0", ...entry] = process.argv;
// What cannot be imported or loaded for want of descriptors is the runtime's own failure: it has no result.
console.log(`outcome ${await tryPlugin(entry, {}, new Random(Number(seed)))}`);
