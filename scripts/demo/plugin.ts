// The same plugin on Node, Deno and Bun.
import { callContext, serve } from "../../mod.ts";
import { desk, library } from "./contracts.ts";

const { versions } = process as { versions: Record<string, string | undefined> };
const runtime = ["bun", "deno", "node"].find((name) => versions[name] !== undefined) ?? "unknown";

await serve(
  desk.implement((host) => {
    const books = host.dispense(library);
    return {
      about: () => `${runtime} ${versions[runtime]}`,
      async countWords(title) {
        const { log } = callContext();
        const text = await books.read(title);
        log.info("the host has read it to me", { title, characters: text.length });
        return text.split(/\s+/).length;
      },
      ponder() {
        callContext().log.warn("this will take a while", { estimate: "7.5 million years" });
        return new Promise(() => {});
      },
      echo: (text) => text,
    };
  }),
);
