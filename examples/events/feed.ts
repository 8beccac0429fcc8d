import { contract, method, stream } from "@plugwire/plugwire";
import * as v from "valibot";

export const feed = contract("feed", {
  /** Every price that is set from now on. */
  prices: method([], stream(v.object({ symbol: v.string(), price: v.number() }))),
  set: method([v.string(), v.number()]),
  /** How many are subscribed. */
  subscribers: method([], v.number()),
});
