import { contract, launch, method, PluginError } from "@plugwire/plugwire";
import { geometry, text } from "./contracts.ts";

const tell = (error: unknown): void => {
  if (!(error instanceof PluginError)) throw error;
  console.log(`${error.code}: ${error.message}`);
};

await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
const shapes = plugin.dispense(geometry);

console.log(plugin.serves.map(({ name }) => name).join(", "));
console.log(await shapes.area({ width: 3, height: 4 }));
console.log(JSON.stringify(await shapes.scale({ width: 3, height: 4 })));
console.log(await plugin.dispense(text).upper("two in one"));

// What the types allow and the schema does not, the plugin refuses before its code runs.
await shapes.area({ width: 3, height: -4 }).catch(tell);

// A contract that the plugin does not serve is an error at once, and names what comes near.
try {
  plugin.dispense(contract("geometri", { area: method() }));
} catch (error) {
  tell(error);
}
try {
  plugin.dispense(contract("geometry", { aera: method() }));
} catch (error) {
  tell(error);
}
