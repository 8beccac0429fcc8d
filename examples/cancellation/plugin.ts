import { EventEmitter, once } from "node:events";
import { serve, subscription } from "@plugwire/plugwire";
import { builder, tools } from "./builder.ts";

const lines = new EventEmitter();

await serve(
  builder.implement((host) => {
    const compiler = host.dispense(tools);
    return {
      async build(target, { signal }) {
        lines.emit("line", `building ${target}`);
        // The host's own signal, live: whatever takes one heeds it.
        signal.addEventListener("abort", () => lines.emit("line", `gave up ${target}: ${signal.reason.message}`));
        if (target === "never") await once(lines, "never", { signal });
        // A call made in a call ends with it, and has no more time than is left of it.
        return await compiler.compile(target);
      },
      log: () =>
        subscription<string>((push) => {
          lines.on("line", push);
          return () => lines.off("line", push);
        }),
    };
  }),
);
