import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const worker = contract("worker", {
  greet: method([v.string()], v.string()),
  /** Begins something long. */
  work: method(),
});
