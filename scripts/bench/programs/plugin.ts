// The plugin whose calls are measured.
import { serve } from "../../../mod.ts";
import { greeter } from "./greeter.ts";

await serve(greeter.implement({ greet: (name) => `Hello, ${name}` }));
