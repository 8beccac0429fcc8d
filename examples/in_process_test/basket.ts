import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

/** What the host knows. */
export const prices = contract("prices", { of: method([v.string()], v.number()) });

/** What the plugin does. */
export const basket = contract("basket", {
  add: method([v.string(), v.optional(v.pipe(v.number(), v.integer()), 1)]),
  total: method([], v.number()),
});
