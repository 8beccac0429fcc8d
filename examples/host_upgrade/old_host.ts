import { launch, saveReattachInfo } from "@plugwire/plugwire";
import { counter } from "./counter.ts";

const [, , file = ""] = process.argv;
// The plugin is to outlive this program, for at most a minute.
const plugin = await launch(new URL("./plugin.ts", import.meta.url), { reattach: { lingerMs: 60_000 }, log: false });
await saveReattachInfo(file, plugin.reattachInfo());

const remote = plugin.dispense(counter);
console.log(`old host, version ${plugin.version}: ${await remote.add(1)}`);
console.log(`old host, version ${plugin.version}: ${await remote.add(1)}`);
console.log("old host: kill -9");
process.kill(process.pid, "SIGKILL");
