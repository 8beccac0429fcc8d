import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

/** What was published first. */
export const notesV1 = contract("notes", {
  add: method([v.string()]),
  list: method([], v.array(v.string())),
});

/** Notes have tags now, and `add` says how many there are. */
export const notesV2 = contract("notes", {
  add: method([v.string(), v.array(v.string())], v.number()),
  list: method([], v.array(v.string())),
  tagged: method([v.string()], v.array(v.string())),
});
