import { callContext, launch, withOptions } from "@plugwire/plugwire";
import { builder, tools } from "./builder.ts";

const compileEnded = Promise.withResolvers<string>();
const hostTools = tools.implement({
  async compile(file) {
    const { signal } = callContext();
    if (file === "small.ts") return "small.js";
    // Asked for by the plugin in the course of the host's own call: given up along with it.
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    compileEnded.resolve(`compile(${file}) was given up too`);
    throw signal.reason;
  },
});

await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { provide: [hostTools] });
const builds = plugin.dispense(builder);
const log = (await builds.log())[Symbol.asyncIterator]();
const say = async (): Promise<void> => console.log("plugin:", (await log.next()).value);

console.log(await builds.build("small.ts", { signal: new AbortController().signal }));
await say();

// A signal in the arguments is the plugin's matter: here it makes the build fail.
const inArguments = new AbortController();
const never = builds.build("never", { signal: inArguments.signal });
await say();
inArguments.abort(new Error("no longer wanted"));
await never.catch((error: Error) => console.log("host:", error.name));
await say();

// A signal of the call is Plugwire's: the call ends at once, and all that was called for it.
const ofTheCall = new AbortController();
const large = withOptions(builds, { signal: ofTheCall.signal }).build("large.ts", { signal: inArguments.signal });
await say();
ofTheCall.abort(new Error("the user pressed Escape"));
await large.catch((error: Error) => console.log("host:", error.message));
console.log("host:", await compileEnded.promise);

// One that is aborted already never leaves the host.
await withOptions(builds, { signal: AbortSignal.abort(new Error("too late")) })
  .build("small.ts", { signal: inArguments.signal })
  .catch((error: Error) => console.log("host:", error.message));
