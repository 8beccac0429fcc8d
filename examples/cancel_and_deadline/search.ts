import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const search = contract("search", {
  /** Looks until it is told to stop. */
  forever: method([v.string()]),
  /** How the last search ended. */
  lastEnd: method([], v.string()),
});
