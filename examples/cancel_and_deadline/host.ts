import { launch, PluginError, withOptions } from "@plugwire/plugwire";
import { search } from "./search.ts";

await using plugin = await launch(new URL("./plugin.ts", import.meta.url));
const searches = plugin.dispense(search);

// A signal: the call rejects with the signal's own reason.
const controller = new AbortController();
const why = new Error("the user pressed Escape");
const call = withOptions(searches, { signal: controller.signal }).forever("plugins");
controller.abort(why);
console.log("rejected with that reason:", await call.catch((error) => error === why));
console.log("the plugin saw:", await searches.lastEnd());

// A deadline, for each call of the proxy.
const hurried = withOptions(searches, { timeoutMs: 50 });
try {
  await hurried.forever("plugins");
} catch (error) {
  if (!(error instanceof PluginError)) throw error;
  console.log(`${error.code}: ${error.message} (execution: ${error.execution})`);
}
console.log("the plugin saw:", await searches.lastEnd());
