import { MessageChannel, Worker } from "node:worker_threads";
import { attach } from "@plugwire/plugwire";
import { portDuplex } from "./port_duplex.ts";
import { shouter } from "./shouter.ts";

const { port1, port2 } = new MessageChannel();
const worker = new Worker(new URL("./plugin.ts", import.meta.url), {
  workerData: { port: port2 },
  transferList: [port2],
});

{
  await using plugin = await attach(portDuplex(port1), { name: "shouter" });
  console.log(await plugin.dispense(shouter).shout("no process, no socket"));
}
await worker.terminate();
