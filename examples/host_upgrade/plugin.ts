import { serve } from "@plugwire/plugwire";
import { counter, counterV2 } from "./counter.ts";

let count = 0;
const add = (by: number): number => {
  count += by;
  return count;
};
const reset = (): number => {
  const before = count;
  count = 0;
  return before;
};

await serve({
  versions: {
    1: [counter.implement({ add })],
    2: [counterV2.implement({ add, reset })],
  },
});
