import { readFile } from "node:fs/promises";
import { serve } from "@plugwire/plugwire";
import { inspector } from "./inspector.ts";

await serve(
  inspector.implement({
    runtime: () => ("Deno" in globalThis ? "Deno" : "Bun" in globalThis ? "Bun" : "Node"),
    canRead: (path) =>
      readFile(path).then(
        () => true,
        () => false,
      ),
  }),
);
