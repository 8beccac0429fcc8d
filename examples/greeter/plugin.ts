import { serve } from "@plugwire/plugwire";
import { greeter } from "./greeter.ts";

await serve(greeter.implement({ greet: (name) => `Hello, ${name}!` }));
