import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const inspector = contract("inspector", {
  runtime: method([], v.string()),
  /** Whether the plugin can read this file. */
  canRead: method([v.string()], v.boolean()),
});
