import { log, serve } from "@plugwire/plugwire";
import { worker } from "./worker.ts";

await serve(
  worker.implement({
    greet: (name) => `Hello, ${name}!`,
    work() {
      log.info("working");
      return new Promise(() => {});
    },
  }),
);
