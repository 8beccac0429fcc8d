// The plugin whose validated, pipelined and called back calls are measured.
import { serve } from "../../../mod.ts";
import { features, plain, validated } from "./features.ts";

let count = 0;
const next = (): number => ++count;
await serve(
  plain.implement({ place: (order) => order }),
  validated.implement({ place: (order) => order }),
  features.implement({ next, ask: (call) => call(1), counter: () => ({ next }) }),
);
