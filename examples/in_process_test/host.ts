import { launch } from "@plugwire/plugwire";
import { basket, prices } from "./basket.ts";

const provide = [prices.implement({ of: (name) => (name === "tea" ? 3 : 2) })];
await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { provide });
const shopping = plugin.dispense(basket);
await shopping.add("tea", 2);
await shopping.add("milk");
console.log(await shopping.total());
