import { fileURLToPath } from "node:url";
import { launch } from "@plugwire/plugwire";
import { inspector } from "./inspector.ts";

const script = new URL("./plugin.ts", import.meta.url);
const secret = fileURLToPath(new URL("./README.md", import.meta.url));

for (const runtime of ["node", "deno", "bun"] as const) {
  await using plugin = await launch(script, { runtime });
  console.log(`on ${await plugin.dispense(inspector).runtime()}`);
}

// Deno runs a plugin with the permissions that are listed, and what Plugwire itself needs, which is one socket.
await using plugin = await launch(script, { runtime: "deno", permissions: [] });
console.log("with no permissions, it reads our file:", await plugin.dispense(inspector).canRead(secret));
