import { serve } from "../../mod.ts";
import { target } from "./_contracts.ts";

await serve(
  target.implement({
    echo: (value) => value,
    async each(count, visit) {
      let sum = 0;
      for (let n = 0; n < count; n++) sum += await visit(n);
      return sum;
    },
    async *numbers(count) {
      for (let n = 0; n < count; n++) yield n;
    },
  }),
);
