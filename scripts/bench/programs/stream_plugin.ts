// The plugin whose streams are measured.
import { serve } from "../../../mod.ts";
import { smallValue, streams } from "./streams.ts";

await serve(
  streams.implement({
    async *values(count) {
      for (let i = 0; i < count; i++) yield smallValue;
    },
    async length(file) {
      let length = 0;
      const reader = file.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return length;
        length += value.length;
      }
    },
  }),
);
