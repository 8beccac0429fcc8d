// @ts-check
import { serve } from "@plugwire/plugwire";
import { clock, counter } from "./counter.js";

let total = 0;

await serve(
  counter.implement({
    add(n) {
      total += n;
      return total;
    },
    async countdown(from, tick) {
      for (let n = from; n > 0; n--) await tick(n);
    },
  }),
  clock.implement({
    now: async () => Date.now(),
    describe: async (ms) => new Date(ms).toISOString(),
  }),
);
