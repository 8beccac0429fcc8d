import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const counter = contract("counter", {
  add: method([v.number()], v.number()),
});

/** What the next version of the host knows in addition. */
export const counterV2 = contract("counter", {
  add: method([v.number()], v.number()),
  reset: method([], v.number()),
});
