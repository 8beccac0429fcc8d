import { serve } from "@plugwire/plugwire";
import { counter } from "./counter.ts";

// Prints to stdout, as programs do that were not written to be plugins.
await serve(
  counter.implement({
    count(to) {
      for (let n = 1; n <= to; n++) console.log(`row;${n};${n * n}`);
    },
  }),
);
