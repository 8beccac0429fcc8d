import { launch } from "@plugwire/plugwire";
import { greeter } from "./greeter.ts";

await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
console.log(await plugin.dispense(greeter).greet("World"));
