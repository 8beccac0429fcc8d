import { serve } from "@plugwire/plugwire";
import { basketPlugin } from "./basket_plugin.ts";

await serve(basketPlugin);
