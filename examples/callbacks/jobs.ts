import { callback, contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const jobs = contract("jobs", {
  /** Resizes pictures, and tells of each as it goes. Stops when the callback answers false. */
  resize: method([v.array(v.string()), callback([v.string(), v.number()], v.boolean())], v.number()),
  /** Calls back at the end of every job, until what it gives is called. */
  onDone: method([callback([v.string()])], callback([]), { keeps: true }),
});
