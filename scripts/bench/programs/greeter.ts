import * as v from "valibot";
import { contract, method } from "../../../mod.ts";

/** What the calls of the benchmark go through: a schema each way. */
export const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
