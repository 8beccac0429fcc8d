import { serve } from "@plugwire/plugwire";
import { jobs } from "./jobs.ts";

const listeners = new Set<(what: string) => unknown>();

await serve(
  jobs.implement({
    async resize(pictures, goOn) {
      let done = 0;
      for (const picture of pictures) {
        done++;
        // A call of the host in the course of its own: it is lent to this one, and ends with it.
        if (!(await goOn(picture, done / pictures.length))) break;
      }
      for (const listener of listeners) listener(`resized ${done}`);
      return done;
    },

    // The contract says `keeps`: the callback stays until the host goes, or it is disposed of.
    onDone(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        listener[Symbol.dispose]();
      };
    },
  }),
);
