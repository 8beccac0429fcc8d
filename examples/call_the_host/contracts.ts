import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

/** What the host lets its plugins do. */
export const files = contract("files", {
  list: method([], v.array(v.string())),
  read: method([v.string()], v.string()),
});

/** What a plugin does for the host. */
export const counter = contract("counter", {
  countWords: method([v.string()], v.number()),
  countAll: method([], v.number()),
});
