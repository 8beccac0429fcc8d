import { createHash } from "node:crypto";
import { serve } from "@plugwire/plugwire";
import { archive } from "./archive.ts";

await serve(
  archive.implement({
    async sha256(file) {
      const hash = createHash("sha256");
      for await (const chunk of file) hash.update(chunk);
      return hash.digest("hex");
    },

    // What comes in goes out again while it comes: no more of it is ever here than a few hundred KiB.
    gzip: (file) => file.pipeThrough(new CompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>),

    async *numbered(file) {
      let number = 1;
      let rest = "";
      const decoder = new TextDecoder();
      for await (const chunk of file) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) yield `${number++} ${line}`;
      }
    },

    peakMemory: () => Math.round(process.resourceUsage().maxRSS / 1_024),
  }),
);
