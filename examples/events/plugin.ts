import { EventEmitter } from "node:events";
import { serve, subscription } from "@plugwire/plugwire";
import { feed } from "./feed.ts";

const changes = new EventEmitter();

await serve(
  feed.implement({
    // Listens from the call on, and stops as soon as its reader is gone, however that comes about.
    prices: () =>
      subscription((push) => {
        changes.on("price", push);
        return () => changes.off("price", push);
      }),
    set: (symbol, price) => void changes.emit("price", { symbol, price }),
    subscribers: () => changes.listenerCount("price"),
  }),
);
