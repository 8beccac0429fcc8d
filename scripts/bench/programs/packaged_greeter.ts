import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

/** The same contract from the package as users have it: compiled, on Node and Bun. */
export const packagedGreeter = contract("greeter", { greet: method([v.string()], v.string()) });
