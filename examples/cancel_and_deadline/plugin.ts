import { callContext, serve } from "@plugwire/plugwire";
import { search } from "./search.ts";

let lastEnd = "none yet";

await serve(
  search.implement({
    async forever(_query) {
      const { signal, deadline } = callContext();
      signal.addEventListener("abort", () => {
        lastEnd = `${deadline === undefined ? "no deadline" : "a deadline"}, and ${signal.reason.code}`;
      });
      // A real search would give the signal to fetch, to a database, to a child process.
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    lastEnd: () => lastEnd,
  }),
);
