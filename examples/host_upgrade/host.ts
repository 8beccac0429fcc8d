import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { attach, PluginError, readReattachInfo } from "@plugwire/plugwire";
import { counter, counterV2 } from "./counter.ts";

const directory = await mkdtemp(join(tmpdir(), "host-upgrade-"));
const file = join(directory, "counter.json");

const script = fileURLToPath(new URL("./old_host.ts", import.meta.url));
const run = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
const old = spawn(process.execPath, [...run, script, file], { stdio: "inherit" });
await new Promise((resolve) => old.on("exit", resolve));

// The host is gone, the plugin is not.
const info = await readReattachInfo(file);
{
  const versions = { 1: { counter }, 2: { counter: counterV2 } };
  await using plugin = await attach(info, { versions, log: false });
  console.log(`new host, version ${plugin.version}: ${await plugin.dispense(plugin.contracts.counter).add(1)}`);
  if (plugin.version === 2)
    console.log(`new host: reset from ${await plugin.dispense(plugin.contracts.counter).reset()}`);
}

// Its new owner has stopped it: nobody finds it there any more.
try {
  await attach(info, { log: false });
} catch (error) {
  if (!(error instanceof PluginError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
await rm(directory, { recursive: true });
