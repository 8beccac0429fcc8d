// The plugin whose start is measured: it imports the package as users do.
import { serve } from "@plugwire/plugwire";
import { packagedGreeter } from "./packaged_greeter.ts";

await serve(packagedGreeter.implement({ greet: (name) => `Hello, ${name}` }));
