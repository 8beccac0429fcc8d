import { type MessagePort, workerData } from "node:worker_threads";
import { serveOver } from "@plugwire/plugwire";
import { portDuplex } from "./port_duplex.ts";
import { shouter } from "./shouter.ts";

const { port } = workerData as { port: MessagePort };
await serveOver(portDuplex(port), shouter.implement({ shout: (text) => `${text.toUpperCase()}!` }));
