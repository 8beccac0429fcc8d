import { launch, PluginError, withOptions } from "@plugwire/plugwire";
import { feed } from "./feed.ts";

await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
const prices = plugin.dispense(feed);

// To break out of the loop ends the subscription.
const subscribed = await prices.prices();
for (const price of [101, 99, 103, 98]) await prices.set("PLUG", price);
for await (const { symbol, price } of subscribed) {
  console.log(symbol, price);
  if (price > 102) break;
}
console.log("subscribers after the break:", await prices.subscribers());

// So does a signal, also while nothing happens: the loop fails with its reason.
const controller = new AbortController();
const watched = await withOptions(prices, { signal: controller.signal }).prices();
setTimeout(() => controller.abort(new Error("the window was closed")), 20);
try {
  for await (const { price } of watched) console.log(price);
} catch (error) {
  console.log("ended:", (error as Error).message);
}
console.log("subscribers after the signal:", await prices.subscribers());

// When the plugin is stopped, subscriptions come to their end.
const last = await prices.prices();
setTimeout(() => plugin.stop(), 20);
for await (const { price } of last) console.log(price);
console.log("the loop has ended");

// When it crashes, loops fail with how it ended.
await using doomed = await launch(new URL("./plugin.ts", import.meta.url), { log: false });
const lost = await doomed.dispense(feed).prices();
setTimeout(() => process.kill(doomed.pid!, "SIGKILL"), 20);
try {
  for await (const { price } of lost) console.log(price);
} catch (error) {
  if (!(error instanceof PluginError)) throw error;
  console.log("ended:", error.code, error.signal);
}
