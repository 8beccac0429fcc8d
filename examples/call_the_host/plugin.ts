import { serve } from "@plugwire/plugwire";
import { counter, files } from "./contracts.ts";

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length;

// A factory gets the other side, and is called once for each time the host dispenses the contract.
await serve(
  counter.implement((host) => {
    const hostFiles = host.dispense(files);
    return {
      countWords: async (name) => words(await hostFiles.read(name)),
      countAll: async () => {
        const names = await hostFiles.list();
        const texts = await Promise.all(names.map((name) => hostFiles.read(name)));
        return words(texts.join(" "));
      },
    };
  }),
);
