import { type LogRecord, launch, PluginError } from "@plugwire/plugwire";
import { worker } from "./worker.ts";

const script = new URL("./plugin.ts", import.meta.url);
const working = Promise.withResolvers<void>();
const log = ({ source, level, message }: LogRecord): void => {
  if (level !== "debug") console.log(`[${source}] ${level}: ${message}`);
  if (message === "working") working.resolve();
};

await using plugin = await launch(script, { name: "victim", log });
const call = plugin.dispense(worker).work();
call.catch(() => {});
await working.promise;

console.log("kill -9");
process.kill(plugin.pid!, "SIGKILL");
try {
  await call;
} catch (error) {
  if (!(error instanceof PluginError)) throw error;
  console.log(`${error.code}: ${error.message}`);
  console.log(`signal ${error.signal}, execution ${error.execution}`);
}
const { code, signal } = await plugin.exited;
console.log(`exit code ${code}, signal ${signal}`);

// Nothing happened to the host: it starts the next one.
await using next = await launch(script, { log });
console.log(await next.dispense(worker).greet("again"));
